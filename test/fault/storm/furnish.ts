import { API_KEY } from '../../support/dispatch-world';
import { signToken } from '../../support/service';
import type { TestDatabase } from '../../support/test-database';
import type { Caps } from './plan';
import { LONGEST_STORM, type StormClient } from './storm-client';

const MAX_DURATION_SECONDS = 120;

export interface StormUser {
  readonly id: string;
  readonly token: string;
}

/** What is there before the first call. */
export interface Furniture {
  readonly users: readonly StormUser[];
  readonly providerIds: readonly string[];
  readonly templateId: string;
}

interface Place {
  readonly client: StormClient;
  readonly database: TestDatabase;
  /** The stand-ins of Vapi and of Retell. */
  readonly vendors: readonly [{ readonly url: string }, { readonly url: string }];
}

/** Users on the enterprise plan, an account at each of the vendors, and a template that both can say. */
export async function furnish(
  place: Place,
  { users: wanted, caps }: { readonly users: number; readonly caps: Caps },
): Promise<Furniture> {
  const users = await Promise.all(Array.from({ length: wanted }, () => addUser(place)));
  const providerIds = [await addProvider(place, 0, caps), await addProvider(place, 1, caps)];
  const { items } = await place.client.admin('GET', '/v1/admin/assistants?limit=200');
  const of = (index: number) =>
    (items as { id: string; providerId: string }[]).find(({ providerId }) => providerId === providerIds[index])?.id;
  const body = {
    name: 'Reminder',
    isPublic: true,
    params: {},
    paramsOrder: [],
    maxDurationSeconds: MAX_DURATION_SECONDS,
    assistantId: of(0),
    fallbackAssistantIds: [of(1)],
  };
  const answer = await place.client.insist('POST', '/v1/call-templates', { token: users[0]!.token, body });
  return { users, providerIds, templateId: answer.body.id as string };
}

async function addUser({ database }: Place): Promise<StormUser> {
  const id = await database.createUser({ isActive: true });
  await database.query(
    `insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end)
     select $1, id, 'active', now() - interval '1 day', now() + interval '20 days'
       from subscription_plans where slug = 'enterprise' and interval = 'monthly'`,
    [id],
  );
  return { id, token: await signToken({ userId: id, expiresIn: LONGEST_STORM }) };
}

async function addProvider({ client, vendors }: Place, index: 0 | 1, caps: Caps): Promise<string> {
  const body = {
    name: index === 0 ? 'first' : 'second',
    driver: index === 0 ? 'vapi' : 'retell',
    type: 'voice',
    priority: index + 1,
    concurrencyLimit: caps[index],
    credentials: { apiKey: API_KEY },
    baseUrl: vendors[index].url,
    isActive: true,
  };
  const { id } = await client.admin('POST', '/v1/admin/providers', body);
  await client.admin('POST', `/v1/admin/providers/${id}/import`);
  return id as string;
}

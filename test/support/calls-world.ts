import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { Answer, RequestOptions, Service } from './service';
import type { TestDatabase } from './test-database';

/** Somebody who is signed in. */
export interface TestUser {
  readonly id: string;
  readonly token: string;
  request(method: string, path: string, options?: Omit<RequestOptions, 'token'>): Promise<Answer>;
}

/** A provider with a number and an assistant, by our ids. */
export interface TestProvider {
  readonly id: string;
  readonly assistantId: string;
  readonly phoneNumberId: string;
}

/** Everything that calls need around them, made with SQL where no route of this module makes it. */
export class CallsWorld {
  constructor(readonly service: Service) {}

  get database(): TestDatabase {
    return this.service.database;
  }

  /** An active user with an unlimited allowance, or one of so many calls. Limits are one plan's: one per test file. */
  async subscribedUser(callLimit?: number): Promise<TestUser> {
    const user = await this.user({ isActive: true });
    if (callLimit !== undefined) await this.limitPlan(callLimit);
    await this.database.query(
      `insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end)
       select $1, id, 'active', now() - interval '1 day', now() + interval '20 days'
       from subscription_plans where slug = $2 and interval = 'yearly'`,
      [user.id, callLimit === undefined ? 'enterprise' : 'free'],
    );
    return user;
  }

  private async limitPlan(callLimit: number): Promise<void> {
    await this.database.query(
      `insert into subscription_plans (slug, interval, name, price, call_limit, minutes_limit)
       values ('free', 'yearly', 'Limited', 0, $1, null) on conflict (slug, interval) do update set call_limit = $1`,
      [callLimit],
    );
  }

  async user({ isActive = false, admin = false } = {}): Promise<TestUser> {
    const id = await this.database.createUser({ isActive });
    const token = await this.service.token({ userId: id, ...(admin && { admin }) });
    return { id, token, request: (method, path, options) => this.service.request(method, path, { ...options, token }) };
  }

  async provider({ isActive = true, priority = 1 } = {}): Promise<TestProvider> {
    const [provider] = await this.database.query<{ id: string }>(
      `insert into call_service_providers (name, driver, api_credentials, concurrency_limit, priority, is_active)
       values ($1, 'none', 'unreadable', 10, $2, $3) returning id`,
      [`provider ${randomUUID()}`, priority, isActive],
    );
    const id = provider?.id ?? '';
    const [number] = await this.database.query<{ id: string }>(
      `insert into provider_phone_numbers (provider_id, phone_id, country_code, phone_number, full_number)
       values ($1, 'line-1', '1', '2025550100', '+12025550100') returning id`,
      [id],
    );
    return { id, assistantId: await this.assistant(id), phoneNumberId: number?.id ?? '' };
  }

  async assistant(providerId: string): Promise<string> {
    const [assistant] = await this.database.query<{ id: string }>(
      `insert into provider_assistants (provider_id, external_id, name) values ($1, $2, 'Assistant') returning id`,
      [providerId, randomUUID()],
    );
    return assistant?.id ?? '';
  }

  /** @returns the new template's id */
  async template(owner: TestUser, content: object = {}): Promise<string> {
    const answer = await owner.request('POST', '/v1/call-templates', { body: { name: 'Reminder', ...content } });
    if (answer.status !== 201) throw new Error(`No template: ${JSON.stringify(answer.body)}`);
    return (answer.body as { id: string }).id;
  }

  /** @returns the new call's id */
  async call(user: TestUser, templateId: string): Promise<string> {
    const answer = await user.request('POST', '/v1/calls', { body: { templateId, recipientNumber: '+12025550123' } });
    if (answer.status !== 201) throw new Error(`No call: ${JSON.stringify(answer.body)}`);
    return (answer.body as { id: string }).id;
  }

  /** Makes a call look as if a provider had accepted it. @returns the attempt's id */
  async attempt(callQueueId: string, provider: TestProvider, state = 'placed'): Promise<string> {
    const [attempt] = await this.database.query<{ id: string }>(
      `insert into call_attempts (call_queue_id, provider_id, phone_number_id, assistant_id, state, reserved_minutes,
         claimed_by, provider_call_id, is_settled)
       values ($1, $2, $3, $4, $5, 1, 'test', gen_random_uuid()::text, true) returning id`,
      [callQueueId, provider.id, provider.phoneNumberId, provider.assistantId, state],
    );
    await this.database.query(`update call_queue set status = 'in-progress', provider_id = $2 where id = $1`, [
      callQueueId,
      provider.id,
    ]);
    return attempt?.id ?? '';
  }

  async setStatus(callQueueId: string, status: string, failureCode: string | null = null): Promise<void> {
    await this.database.query(
      `update call_queue set status = $2, failure_code = $3, failure_detail = $3, ended_at = now() where id = $1`,
      [callQueueId, status, failureCode],
    );
  }

  /** Keeps the dispatcher from touching what the tests look at. */
  async pauseDispatch(): Promise<void> {
    await this.database.query('update dispatch_control set is_paused = true');
  }

  /** Runs one statement as PostgREST would: as `authenticated`, with the user's claims. */
  async asUser(user: TestUser, statement: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.database.superuserUrl });
    await client.connect();
    try {
      await client.query('begin');
      await client.query(
        `select set_config('request.jwt.claims', $1, true), set_config('request.jwt.claim.sub', $2, true)`,
        [JSON.stringify({ sub: user.id, role: 'authenticated' }), user.id],
      );
      await client.query('set local role authenticated');
      const { rows } = await client.query<Record<string, unknown>>(statement);
      await client.query('commit');
      return rows;
    } finally {
      await client.end();
    }
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { seededRandom } from '../../../sandbox/kit/random';
import type { End } from './fleet';
import type { StormEvent } from './plan';
import type { StormWorld } from './storm-world';

type Kind = StormEvent['kind'];
type Happening<K extends Kind> = (world: StormWorld, event: Extract<StormEvent, { kind: K }>) => unknown;

const end = (world: StormWorld, { kind, lot }: { readonly kind: End; readonly lot: number }) =>
  world.fleet.end(kind, lot, knownPoints(world));

interface Cut {
  readonly kind: 'cut-database' | 'cut-requests';
  readonly share: number;
  readonly lot: number;
}

const cut = ({ database, front }: StormWorld, { kind, share, lot }: Cut) => {
  const random = seededRandom(lot * 2 ** 32);
  return (kind === 'cut-database' ? database.way : front).cut(() => random() < share);
};

const HAPPENINGS: { readonly [K in Kind]: Happening<K> } = {
  kill: end,
  'kill-at-point': end,
  terminate: end,
  'terminate-twice': end,
  'restart-database': ({ database }, { mode }) => database.restart(mode),
  'end-sessions': ({ database }, { share }) => database.endSessions(share),
  'cut-database': cut,
  'cut-requests': cut,
  'vendor-down': ({ vendors }, { vendor }) => vendors[vendor].goDown(),
  'vendor-up': ({ vendors }, { vendor }) => vendors[vendor].comeBack(),
  'bad-answers': ({ vendors }, { vendor, times, answer }) => vendors[vendor].order([{ times, answer }]),
  'bad-reads': ({ vendors }, { vendor, times, read }) => vendors[vendor].order([{ times, read }]),
  'provider-limit': ({ client, providerIds }, { vendor, limit }) =>
    client.admin('PATCH', `/v1/admin/providers/${providerIds[vendor]}`, { concurrencyLimit: limit }),
  'resume-providers': async ({ client, providerIds }) => {
    for (const id of providerIds) await client.admin('POST', `/v1/admin/providers/${id}/resume`);
  },
  'pause-queue': ({ client }) => client.admin('POST', '/v1/admin/queue/pause'),
  'resume-queue': ({ client }) => client.admin('POST', '/v1/admin/queue/resume'),
  'user-limits': ({ client, users }, { user, calls, minutes }) =>
    client.admin('PUT', `/v1/admin/users/${users[user]!.id}/limits`, { callLimit: calls, minutesLimit: minutes }),
  // As the payment side's answer would change it, but for the copy that only the next reservation brings into step.
  plan: ({ database, users }, { user, slug }) =>
    database.insist(
      `update user_subscriptions set plan_id = plan.id from subscription_plans as plan
        where plan.slug = $2 and plan.interval = 'monthly' and user_id = $1`,
      [users[user]!.id, slug],
    ),
};

/** Brings about what the plan says. What is asked for by requests is waited for, whoever takes them at last. */
export async function bringAbout(world: StormWorld, event: StormEvent): Promise<void> {
  await (HAPPENINGS[event.kind] as Happening<Kind>)(world, event);
}

/** What every call comes by, so that an instance that is to die there does so soon. */
const OFTEN_REACHED = /POST|the commit/;

/** Where an instance may die, as far as the instances have come by now. */
function knownPoints({ journal }: StormWorld): readonly string[] {
  if (!existsSync(journal)) return [];
  const points = new Set(readFileSync(journal, 'utf8').trim().split('\n'));
  return [...points].filter((point) => OFTEN_REACHED.test(point)).sort();
}

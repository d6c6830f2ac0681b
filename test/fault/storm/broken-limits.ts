import type { AttemptRow, Evidence, Witnesses } from './evidence';
import type { StormClient } from './storm-client';
import type { MadeCall } from './vendor-records';

/** What every attempt's lines may be, by kind: settled, released, or charged late after a release. */
const LIVES = ['reserve,settle', 'release,reserve', 'adjust,release,reserve'];

interface Counted extends Pick<Witnesses, 'database'> {
  readonly client: StormClient;
}

/** Promises about what is counted: slots of providers, and allowances of users. */
export async function brokenLimits(world: Counted, evidence: Evidence): Promise<string[]> {
  return [
    ...brokenCounts(evidence),
    ...(await slotsLeft(world, evidence)),
    ...(await wrongTotals(world)),
    ...(await oversold(world)),
  ];
}

/** What the vendors' records show of slots and of charges. */
export function brokenCounts(evidence: Evidence): string[] {
  return [...exceededCaps(evidence), ...wrongCharges(evidence)];
}

/**
 * When a call began, the calls that were live at its vendor, this one included, all had their slots at the moment that
 * the last of them was claimed: so they are at most what was allowed then. A limit that was lowered meanwhile ends no
 * call, and lets no new one in.
 */
function exceededCaps({ vendors, attempts }: Evidence): string[] {
  const above = [...attempts.values()].filter(({ open, most }) => open > most);
  const atVendors = vendors.flatMap(({ calls }) =>
    calls.flatMap(({ attemptId, besides }) => {
      const live = [attemptId, ...besides].flatMap((id) => attempts.get(id) ?? []);
      const [first] = live;
      if (first?.id !== attemptId) return [`attempt ${attemptId} made a call, and nobody has written it down`];
      const last = live.reduce((one, other) => (other.admission > one.admission ? other : one), first);
      return live.length > last.most ? [`${live.length} calls at once, where ${last.most} were allowed`] : [];
    }),
  );
  return [...above.map(({ open, most }) => `slot ${open} of ${most} was given away`), ...atVendors];
}

async function slotsLeft({ client }: Counted, { vendors }: Evidence): Promise<string[]> {
  const { providers } = (await client.admin('GET', '/v1/admin/queue')) as { providers: { inUse: number }[] };
  return vendors.flatMap(({ liveCalls }, index) =>
    providers[index]?.inUse === 0 && liveCalls === 0
      ? []
      : [`${providers[index]?.inUse} slots are in use, ${liveCalls} calls live`],
  );
}

/** Every attempt began and ended once; a talk costs its minutes, rounded up, and what never rang costs nothing. */
function wrongCharges({ attempts, calls }: Evidence): string[] {
  const made = new Map(calls.map((call) => [call.attemptId, call]));
  return [...attempts.values()].flatMap((attempt) => {
    const { id, kinds, minutes } = attempt;
    if (!LIVES.includes(kinds.join())) return [`attempt ${id} has the lines ${kinds.join() || 'none'}`];
    const call = made.get(id);
    return isChargedRight(attempt, call)
      ? []
      : [
          `attempt ${id} is charged ${minutes ?? 'no'} minutes, the vendor told ${call?.durationSeconds ?? 'of no call'}`,
        ];
  });
}

function isChargedRight({ minutes }: AttemptRow, call: MadeCall | undefined): boolean {
  if (!call) return minutes === null;
  if (!call.isConnected) return minutes === null || minutes === 0;
  return minutes === Math.ceil(call.durationSeconds / 60);
}

async function wrongTotals({ database }: Counted): Promise<string[]> {
  const wrong = await database.query<{ id: string }>(
    `select usage.id from user_call_usage as usage left join lateral (
       select coalesce(sum(calls) filter (where kind in ('settle', 'adjust')), 0) as calls,
              coalesce(sum(minutes) filter (where kind in ('settle', 'adjust')), 0) as minutes,
              coalesce(sum(reserved_calls), 0) as reserved_calls, coalesce(sum(reserved_minutes), 0) as reserved_minutes
         from usage_ledger_entries where usage_id = usage.id) as lines on true
      where (calls_used, minutes_used, calls_reserved, minutes_reserved)
            is distinct from (lines.calls, lines.minutes, lines.reserved_calls, lines.reserved_minutes)
         or calls_reserved + minutes_reserved <> 0`,
  );
  return wrong.map(({ id }) => `period ${id}: totals are not the sum of their lines, or something is still reserved`);
}

/**
 * Nothing was reserved beyond the period's own limits, nor beyond what was granted at some moment of the transaction
 * that reserved: a change may commit between its reading and its end.
 */
async function oversold({ database }: Counted): Promise<string[]> {
  const found = await database.query<{ attempt_id: string }>(
    `select attempt_id from storm.reservations as seen
      where calls > calls_limit or minutes > minutes_limit
         or ((calls > calls_granted or minutes > minutes_granted) and not exists (
              select from storm.grants as earlier
               where earlier.user_id = seen.user_id and seen.calls <= coalesce(earlier.calls, seen.calls)
                 and seen.minutes <= coalesce(earlier.minutes, seen.minutes)
                 and coalesce((select min(next.changed_at) from storm.grants as next
                                where next.user_id = seen.user_id and next.changed_at > earlier.changed_at), 'infinity')
                     > seen.begun_at - interval '1 second'))`,
  );
  return found.map(({ attempt_id: id }) => `attempt ${id} was sold although nothing was left`);
}

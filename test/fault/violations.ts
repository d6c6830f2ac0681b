import type { TwoVendors } from '../support/two-vendors';
import { CAP } from './kill-world';
import type { Round } from './round';

/** What every attempt's lines may be, by kind: settled, released, or charged late after a release. */
const LIVES = `'{reserve,settle}', '{release,reserve}', '{adjust,release,reserve}'`;

/** What a vendor told of an attempt, rounded up; where it never did, the most that it can have been. */
const CONNECTED_MINUTES = `coalesce(
  ceil(entry.duration_seconds / 60.0),
  least(ceil(extract(epoch from attempt.ended_at - attempt.created_at) / 60), attempt.reserved_minutes))`;

/** What a round has broken, by the vendors' own records and by the database. Empty when every promise was kept. */
export async function violationsOf(vendors: TwoVendors, round: Round): Promise<string[]> {
  return [
    ...dialledTwice(vendors, round),
    ...capsExceeded(vendors),
    ...(await lostCalls(vendors, round)),
    ...(await missingHistory(vendors)),
    ...(await missingTimes(vendors, round)),
    ...(await wrongBooks(vendors)),
  ];
}

function dialledTwice(vendors: TwoVendors, { numbers }: Round): string[] {
  const twice = numbers.filter((number) => vendors.dialsTo(number) > 1).map((number) => `${number} rang twice`);
  return [...twice, ...vendors.askedInDoubt().map((number) => `${number} was asked for again although it may ring`)];
}

function capsExceeded({ sandboxes }: TwoVendors): string[] {
  return sandboxes.flatMap(({ maxLiveCalls }) =>
    maxLiveCalls > CAP ? [`${String(maxLiveCalls)} calls at once, where ${String(CAP)} are allowed`] : [],
  );
}

/** A call that rang is answered or canceled in our books, too, and one that never rang is not. */
async function lostCalls(vendors: TwoVendors, { numbers, asked }: Round): Promise<string[]> {
  const rows = await vendors.world.database.query<{ number: string; status: string }>(
    `select recipient_number as number, status from call_queue where recipient_number = any ($1)`,
    [numbers],
  );
  const wrong = rows.filter(({ number, status }) => {
    const rang = vendors.dialsTo(number) > 0;
    return !(rang ? ['completed', 'canceled'] : ['failed', 'canceled']).includes(status);
  });
  return [
    ...numbers.flatMap((number) => {
      const wanted = asked.filter((one) => one === number).length;
      const found = rows.filter((row) => row.number === number).length;
      return found === wanted ? [] : [`${number} has ${String(found)} call(s), and ${String(wanted)} were asked for`];
    }),
    ...wrong.map(({ number, status }) => `${number} is ${status}, after ${String(vendors.dialsTo(number))} dial(s)`),
  ];
}

async function missingHistory(vendors: TwoVendors): Promise<string[]> {
  const history = new Set(await vendors.history());
  return vendors
    .createdCalls()
    .filter((call) => !history.has(call))
    .map((call) => `${call} is in no history`);
}

/** Of one call alone no vendor tells how long it took. */
async function missingTimes({ world }: TwoVendors, { numbers, untimed }: Round): Promise<string[]> {
  const rows = await world.database.query<{ number: string }>(
    `select recipient_number as number from user_call_history
      where recipient_number = any ($1) and recipient_number <> $2 and duration_seconds is null`,
    [numbers, untimed],
  );
  return rows.map(({ number }) => `how long ${number} was called for is in no history`);
}

async function wrongBooks(vendors: TwoVendors): Promise<string[]> {
  const { totals, lines } = await vendors.ledger();
  const { database } = vendors.world;
  const open = await database.query(`select from call_attempts where state in ('placing', 'placed', 'unknown')`);
  const odd = await database.query(
    `select from call_attempts as attempt left join usage_ledger_entries as line on line.attempt_id = attempt.id
      group by attempt.id having array_agg(line.kind order by line.kind) not in (${LIVES})`,
  );
  const [told] = await database.query<{ minutes: number }>(
    `select coalesce(sum(${CONNECTED_MINUTES}), 0)::int as minutes
       from user_call_history as entry join call_attempts as attempt on attempt.id = entry.attempt_id`,
  );
  return [
    ...(open.length > 0 ? [`${String(open.length)} slots are still taken`] : []),
    ...(odd.length > 0 ? [`${String(odd.length)} attempts are reserved and not ended once`] : []),
    ...(totals.reservedCalls + totals.reservedMinutes > 0 ? ['something is still reserved'] : []),
    ...(JSON.stringify(totals) === JSON.stringify(lines) ? [] : ['totals are not the sum of their lines']),
    ...(totals.minutes === told?.minutes
      ? []
      : [`${String(totals.minutes)} minutes, of ${told?.minutes} to be charged`]),
  ];
}

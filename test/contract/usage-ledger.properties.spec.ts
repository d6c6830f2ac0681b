import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Allowance } from '../../src/modules/billing/domain/allowance';
import type { ReservationRequest } from '../../src/modules/billing/public/usage-ledger.port';
import { createVendorAccount, type VendorAccount } from '../support/attempt-rows';
import { interleave, type Turn } from '../support/interleaving';
import { installClock } from '../support/ledger-clock';
import {
  change,
  type Change,
  claim,
  type Claim,
  ending,
  type Ending,
  type LedgerConnection,
  openConnection,
} from '../support/ledger-life';
import { LedgerWitness } from '../support/ledger-witness';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const RUNS = 300;
/** Another one in each run. The report of a failure names it. */
const SEED = Date.now() % 0x7fffffff;

let database: TestDatabase;
let account: VendorAccount;
let connections: readonly LedgerConnection[];
let observer: LedgerConnection;

beforeAll(async () => {
  database = await createTestDatabase();
  account = await createVendorAccount(database);
  await installClock(database);
  await database.query(`
    update subscription_plans set call_limit = 2, minutes_limit = 6 where slug = 'free';
    update subscription_plans set call_limit = 4, minutes_limit = 14 where slug = 'basic';
    update subscription_plans set call_limit = 8, minutes_limit = 30 where slug = 'business'`);
  connections = [await openConnection(database.url), await openConnection(database.url)];
  observer = await openConnection(database.url);
});
afterAll(async () => {
  for (const connection of [...connections, observer]) await connection.close();
  await database.drop();
});

const unitOfWork = fc.record({
  happening: fc.oneof(
    { arbitrary: claim, weight: 4 },
    { arbitrary: ending, weight: 3 },
    { arbitrary: change, weight: 4 },
  ),
  commits: fc.oneof({ arbitrary: fc.constant(true), weight: 5 }, { arbitrary: fc.constant(false), weight: 1 }),
});
type Unit = typeof unitOfWork extends fc.Arbitrary<infer T> ? T : never;

const plan = fc.constantFrom('free', 'basic', 'business', 'enterprise');

/** How a user begins: with calls under way, on a plan that may lapse in so many hours, or be followed by another. */
const beginning = fc.record({
  underWay: fc.constantFrom(0, 1, 2, 2),
  plan,
  lapsesIn: fc.option(fc.integer({ min: 1, max: 40 }), { freq: 3 }),
  next: fc.option(plan, { freq: 3 }),
  calls: fc.option(fc.integer({ min: 0, max: 12 }), { freq: 9 }),
});

const life = fc.record({
  units: fc.tuple(...[0, 1].map(() => fc.array(unitOfWork, { minLength: 2, maxLength: 5 }))),
  users: fc.tuple(beginning, beginning),
  /** In the month that began on January 5th. */
  now: fc.constantFrom('2027-01-10T00:00:00Z', '2027-02-04T06:00:00Z'),
  /** Whose statements are next, and how many, or by how many hours the clock moves on. */
  turns: fc.array(
    fc.oneof(
      { arbitrary: fc.record({ strand: fc.nat(1), times: fc.integer({ min: 1, max: 7 }) }), weight: 18 },
      { arbitrary: fc.record({ hours: fc.integer({ min: 1, max: 30 }) }), weight: 2 },
      { arbitrary: fc.record({ hours: fc.integer({ min: 31, max: 800 }) }), weight: 1 },
    ),
    { minLength: 8, maxLength: 30 },
  ),
});
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

class RolledBack extends Error {}

describe('the ledger on two connections, statement by statement', () => {
  it(`sells nothing twice and loses nothing, whatever happens to the plan meanwhile (seed ${String(SEED)})`, async () => {
    await fc.assert(fc.asyncProperty(life, staysTrue), { numRuns: RUNS, seed: SEED, endOnFailure: true });
  }, 300_000);
});

async function staysTrue({ units, users: beginnings, now, turns }: Life): Promise<void> {
  const users = await makeUsers(beginnings, now);
  const requests = await makeRequests(users, wishesOf(beginnings, units.flat()));
  const underWay = [...requests.values()].slice(0, sum(beginnings.map((user) => user.underWay)));
  await observer.unitOfWork.run(() => observer.ledger.reserve(underWay));
  const witness = new LedgerWitness(observer, users);
  await witness.look();
  const strands = connections.map((connection, index) => ({
    ...connection,
    work: async () => {
      for (const unit of units[index] ?? []) await perform(connection, unit, { users, requests, witness });
    },
  }));
  await interleave(
    strands,
    turns.flatMap((turn) => toTurns(turn, witness)),
    (processIds) => witness.blocked(processIds),
  );
  await witness.expectTrueBooks();
  await expectAllThatIsLeft(users, requests);
}

type Wish = Claim['wishes'][number];

interface World {
  readonly users: readonly string[];
  /** One for every wish, by the wish. */
  readonly requests: ReadonlyMap<object, ReservationRequest>;
  readonly witness: LedgerWitness;
}

async function perform(connection: LedgerConnection, { happening, commits }: Unit, world: World): Promise<void> {
  const unit = world.witness.begin(connection);
  try {
    await connection.unitOfWork.run(async () => {
      await act(connection, happening, world);
      if (!commits) throw new RolledBack();
    });
    await unit.committed();
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  } finally {
    unit.over();
  }
}

async function act(connection: LedgerConnection, happening: Claim | Ending | Change, world: World): Promise<void> {
  const { users, requests, witness } = world;
  if (happening.act === 'reserve') {
    const wishes = happening.wishes.flatMap((wish) => requests.get(wish) ?? []);
    const since = witness.position(connection);
    const answers = await connection.ledger.reserve(wishes);
    return witness.expectGranted(connection, since, answers);
  }
  if ('which' in happening) {
    const all = [...requests.values()];
    const attempt = all[happening.which % all.length]?.attemptId ?? '';
    if (happening.act === 'release') return connection.ledger.release([attempt]);
    const charge = { attemptId: attempt, minutes: happening.minutes };
    const [settlement] = await connection.ledger[happening.act]([charge]);
    if (!settlement) throw new Error('a charge has no answer');
    return witness.expectCharged(connection, attempt, settlement);
  }
  const user = users[happening.who] ?? '';
  await connection.apply(happening, user);
  return witness.noteChange(connection, user);
}

function toTurns(turn: Life['turns'][number], witness: LedgerWitness): Turn[] {
  if ('hours' in turn) return [{ event: () => witness.moveClock(turn.hours) }];
  return Array.from({ length: turn.times }, () => turn.strand);
}

/** Users whose subscriptions began on January 5th. */
async function makeUsers(beginnings: Life['users'], now: string): Promise<readonly string[]> {
  const rows = beginnings.map((user) => ({ ...user, id: randomUUID() }));
  await database.query('update test_clock.clock set now = $1', [now]);
  await database.query(
    `with wish as (
       select * from jsonb_to_recordset($1) as wish (id uuid, plan text, "lapsesIn" integer, next text, calls integer)
     ), account as (
       insert into auth.users (id) select id from wish returning id
     ), agreed as (
       insert into user_plan_limits (user_id, call_limit, minutes_limit) select id, calls, calls * 3 from wish
     )
     insert into user_subscriptions
       (user_id, plan_id, next_plan_id, grants_until, status, current_period_start, current_period_end)
     select wish.id, plan.id, next.id, $2::timestamptz + make_interval(hours => "lapsesIn"), 'active',
       '2027-01-05T00:00:00Z', '2027-02-05T00:00:00Z'
     from wish join account on account.id = wish.id
     join subscription_plans plan on plan.slug = wish.plan and plan.interval = 'monthly'
     left join subscription_plans next on next.slug = wish.next and next.interval = 'monthly'`,
    [JSON.stringify(rows), now],
  );
  return rows.map(({ id }) => id);
}

/** First those of the calls that are under way, and in the end one for each user that wants everything. */
function wishesOf(beginnings: Life['users'], units: readonly Unit[]): readonly Wish[] {
  return [
    ...beginnings.flatMap(({ underWay }, who) => Array.from({ length: underWay }, () => ({ who, minutes: 2 }))),
    ...units.flatMap(({ happening }) => (happening.act === 'reserve' ? happening.wishes : [])),
    ...beginnings.map((_, who) => ({ who, minutes: 1000 })),
  ];
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** A request for every wish, with the rows that its lines refer to. */
async function makeRequests(users: readonly string[], wishes: readonly Wish[]) {
  const requests = new Map(
    wishes.map((wish) => {
      const ids = { attemptId: randomUUID(), callQueueId: randomUUID() };
      return [wish, { ...ids, userId: users[wish.who] ?? '', minutes: wish.minutes }] as const;
    }),
  );
  await database.query(
    `with wish as (
       select * from jsonb_to_recordset($1) as wish ("attemptId" uuid, "callQueueId" uuid, "userId" uuid)
     ), call as (
       insert into call_queue (id, user_id, recipient_number, status)
       select "callQueueId", "userId", '+12025550123', 'in-progress' from wish
     )
     insert into call_attempts (id, call_queue_id, provider_id, phone_number_id, assistant_id, reserved_minutes, claimed_by)
     select "attemptId", "callQueueId", $2, $3, $4, 1, 'test' from wish`,
    [JSON.stringify([...requests.values()]), account.providerId, account.phoneNumberId, account.assistantId],
  );
  return requests;
}

/** What the plan grants now can be had to the last minute, and no more. */
async function expectAllThatIsLeft(
  users: readonly string[],
  requests: ReadonlyMap<object, ReservationRequest>,
): Promise<void> {
  const granted = await observer.grantsOf(users);
  for (const request of [...requests.values()].slice(-users.length)) {
    const [answer] = await observer.unitOfWork.run(() => observer.ledger.reserve([request]));
    const left = leftOf(granted.get(request.userId)?.allowance);
    expect(answer?.granted === true ? answer.minutes : 0).toBe(Math.min(left, request.minutes));
  }
}

/** Minutes for one more call. */
function leftOf(allowance: Allowance | undefined): number {
  if (!allowance || allowance.calls.remaining === 0) return 0;
  return allowance.minutes.remaining ?? Infinity;
}

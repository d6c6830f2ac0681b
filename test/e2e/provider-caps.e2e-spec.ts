import type { Json } from '../../sandbox/kit/json';
import { seededRandom } from '../../sandbox/kit/random';
import { numbers } from '../support/dispatch-world';
import { TwoVendors } from '../support/two-vendors';
import { waitFor } from '../support/wait-for';

jest.setTimeout(300_000);

const INSTANCES = 3;
const PATIENCE_MS = 180_000;
/** Small claims, so that all instances want slots at once. */
const EAGER = { DISPATCH_BATCH_SIZE: '3', DISPATCH_INTERVAL_MS: '500' };
/** Far more than we may use: whoever keeps the caps, it is not the vendor. */
const OF_THE_VENDOR = 50;
/** A minute passes in 0.3 seconds. */
const SPEED = 200;
/** So long that no call which a test holds comes to it: 36 seconds at this speed. */
const MAX_DURATION_SECONDS = 7_200;

type Pair = readonly [number, number];

let vendors: TwoVendors;
afterEach(() => vendors.stop());

const random = seededRandom(7);
/** Between 5 seconds and a minute, the same for each number in each run. */
const lengths = new Map(numbers(400).map((number) => [number, 5 + Math.round(random() * 55)]));
const course = (number: unknown, endedReason: string) => ({
  durationSeconds: lengths.get(String(number))!,
  endedReason,
});

async function start(limits: Pair): Promise<void> {
  const standIn = { speed: SPEED, concurrencyLimit: OF_THE_VENDOR };
  vendors = await TwoVendors.start({
    instances: INSTANCES,
    environment: EAGER,
    limits,
    maxDurationSeconds: MAX_DURATION_SECONDS,
    vapi: { ...standIn, script: ({ customer }) => course((customer as Json).number, 'customer-ended-call') },
    retell: { ...standIn, script: (request) => course(request.to_number, 'user_hangup') },
  });
}

/** The most calls at once that each stand-in has seen itself. */
const highest = () => vendors.sandboxes.map((sandbox) => sandbox.maxLiveCalls);
/** Calls that talk until they are let go: those that are on their way there could not be let go yet. */
const held = (index: 0 | 1) =>
  [...vendors.sandboxes[index].calls].filter((call) => call.status === 'in-progress' && call.script.holdsWhile);
const letGo = () => vendors.sandboxes.forEach((sandbox) => sandbox.release());

/** Slots that are taken, of the first and of the second provider. A call that is live at a vendor has one. */
async function slots(): Promise<Pair> {
  const [row] = await vendors.world.database.query<{ first: number; second: number }>(
    `select count(*) filter (where provider_id = $1)::int as first, count(*) filter (where provider_id = $2)::int as second
       from call_attempts where state in ('placing', 'placed', 'unknown')`,
    [vendors.first.id, vendors.second.id],
  );
  return [row!.first, row!.second];
}

/** Keeps next calls on the line until they take every slot at the same time. */
async function fillEverySlot(limits: Pair): Promise<void> {
  for (const [index, sandbox] of vendors.sandboxes.entries())
    sandbox.order({ times: limits[index]!, call: { holdsWhile: 'in-progress' } });
  const isFull = () => held(0).length === limits[0] && held(1).length === limits[1];
  await waitFor(isFull, `${limits.join(' and ')} calls at once`, PATIENCE_MS);
}

async function setLimits(limits: Pair): Promise<void> {
  for (const [index, { id }] of [vendors.first, vendors.second].entries()) {
    const concurrencyLimit = limits[index]!;
    const answer = await vendors.world.admin('PATCH', `/v1/admin/providers/${id}`, { concurrencyLimit });
    expect(answer).toMatchObject({ concurrencyLimit, effectiveLimit: concurrencyLimit });
  }
}

/** From here on each stand-in measures anew, since no call above the limits is left. */
async function measureBelow(limits: Pair): Promise<void> {
  const isDrained = async () => {
    const [first, second] = await slots();
    return first <= limits[0] && second <= limits[1];
  };
  await waitFor(isDrained, 'the calls above the limits have ended', PATIENCE_MS);
  for (const sandbox of vendors.sandboxes) sandbox.restartMaxLiveCalls();
}

async function goOnFor(calls: number): Promise<void> {
  const wanted = vendors.sandboxes.map((sandbox) => sandbox.calls.length + calls);
  const isDone = () => vendors.sandboxes.every((sandbox, index) => sandbox.calls.length >= wanted[index]!);
  await waitFor(isDone, `${String(calls)} more calls at each provider`, PATIENCE_MS);
}

/** Every call was placed by the first request for it, and no request went over what the vendor allows. */
async function everyCallWentOutOnce(queued: readonly string[]): Promise<void> {
  const created = () => vendors.sandboxes.reduce((calls, sandbox) => calls + sandbox.calls.length, 0);
  const live = () => vendors.sandboxes.reduce((calls, sandbox) => calls + sandbox.liveCalls, 0);
  await waitFor(() => created() >= queued.length && live() === 0, 'every call was made', PATIENCE_MS);
  await vendors.world.settled();
  expect(queued.filter((number) => vendors.dialsTo(number) !== 1)).toEqual([]);
  expect(vendors.sandboxes.flatMap(({ posts }) => posts).filter((post) => post.answeredStatus !== 201)).toEqual([]);
  const attempts = await vendors.world.database.query<{ refused: number; made: number; instances: number }>(
    `select count(*)::int as made, count(refusal)::int as refused, count(distinct claimed_by)::int as instances
       from call_attempts`,
  );
  expect(attempts).toEqual([{ made: queued.length, refused: 0, instances: INSTANCES }]);
  expect(await slots()).toEqual([0, 0]);
}

describe('three instances that share two providers', () => {
  it('use each to its limit, and never beyond it', async () => {
    const limits = [7, 5] as const;
    await start(limits);
    const queued = numbers(400);
    await vendors.world.queue(queued);
    await fillEverySlot(limits);
    expect(highest()).toEqual(limits);
    letGo();
    await everyCallWentOutOnce(queued);
    expect(highest()).toEqual(limits);
  });

  it('obey limits that are changed while calls are under way', async () => {
    await start([7, 5]);
    const queued = numbers(160);
    await vendors.world.queue(queued);
    await fillEverySlot([7, 5]);
    await setLimits([3, 2]);
    await firstSendsNothingAbove(3);
    for (const limits of [
      [3, 2],
      [9, 6],
      [4, 8],
    ] as const) {
      await setLimits(limits);
      letGo();
      await measureBelow(limits);
      await goOnFor(10);
      await fillEverySlot(limits);
      expect(highest()).toEqual(limits);
    }
    letGo();
    await everyCallWentOutOnce(queued);
    expect(highest()).toEqual([4, 8]);
  });

  /** Calls end one by one: none follows until there are fewer than the new limit allows. */
  async function firstSendsNothingAbove(limit: number): Promise<void> {
    const { sandbox } = vendors.first;
    const begun = sandbox.calls.length;
    sandbox.order({ call: { holdsWhile: 'in-progress' } });
    for (const left of [6, 5, 4, 3, 2]) {
      sandbox.release(held(0)[0]?.customerNumber);
      const after = Math.max(left, limit);
      await waitFor(
        async () => (await slots())[0] === after && held(0).length === after,
        `${String(after)} are left`,
        PATIENCE_MS,
      );
    }
    expect(sandbox.calls).toHaveLength(begun + 1);
  }
});

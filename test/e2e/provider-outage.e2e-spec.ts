import type { RetellSandbox } from '../../sandbox/retell/retell-sandbox';
import type { VapiSandbox } from '../../sandbox/vapi/vapi-sandbox';
import { type DispatchWorld, numbers } from '../support/dispatch-world';
import { isRefused, TwoVendors, type TwoVendorsOptions } from '../support/two-vendors';
import { waitFor } from '../support/wait-for';

jest.setTimeout(240_000);

type Sandbox = VapiSandbox | RetellSandbox;

const CALLS = 300;
const FIRST_LIMIT = 8;
const SECOND_LIMIT = 6;
const PATIENCE_MS = 60_000;
/** Everything that the service does by itself comes soon; what it does comes in the same order as with real times. */
const SOON = {
  DISPATCH_INTERVAL_MS: '100',
  PROVIDER_COOLDOWN_MS: '200',
  BREAKER_OPEN_MS: '500',
  RECONCILE_INTERVAL_MS: '200',
  POLL_SILENT_AFTER_MS: '1000',
  UNKNOWN_RESOLVE_AFTER_MS: '5000',
};

const UNENDED = `select from call_queue where status in ('queued', 'in-progress') limit 1`;

let vendors: TwoVendors;
let world: DispatchWorld;
let first: VapiSandbox;
let second: RetellSandbox;

afterEach(() => vendors.stop());

async function start(options: TwoVendorsOptions): Promise<void> {
  vendors = await TwoVendors.start(options);
  world = vendors.world;
  [first, second] = vendors.sandboxes;
}

const view = async () => (await world.admin('GET', '/v1/admin/queue')).providers[0];
const held = (sandbox: Sandbox) => sandbox.calls.filter((call) => call.status === 'in-progress');

function release(sandbox: Sandbox, count: number): void {
  for (const { customerNumber } of held(sandbox).slice(0, count)) sandbox.release(customerNumber);
}

/** Lets calls of the stand-in end one after the other, so that next ones can begin, until the condition holds. */
function releasingAt(sandbox: Sandbox, condition: () => boolean | Promise<boolean>, description: string) {
  return waitFor(
    async () => {
      if (await condition()) return true;
      release(sandbox, 1);
      return false;
    },
    description,
    PATIENCE_MS,
  );
}

/** Lets all calls end as soon as they talk, until the condition holds. */
function lettingEveryCallEnd(condition: () => boolean | Promise<boolean>) {
  return waitFor(
    async () => {
      if (await condition()) return true;
      for (const sandbox of [first, second]) sandbox.release();
      return false;
    },
    'calls end',
    PATIENCE_MS,
  );
}

/** Numbers whose attempt at the first provider was certainly refused in this way. */
async function refusedAtFirst(refusal: string): Promise<readonly string[]> {
  const rows = await world.database.query<{ recipient_number: string }>(
    `select recipient_number from call_attempts as attempt join call_queue as call on call.id = attempt.call_queue_id
      where attempt.state = 'refused' and attempt.refusal = $1 and attempt.provider_id = $2`,
    [refusal, vendors.first.id],
  );
  return rows.map((row) => row.recipient_number);
}

/** Every slot of the first provider holds a call that talks, and nothing is on its way. */
const firstIsFull = () =>
  waitFor(() => held(first).length === FIRST_LIMIT, 'the first provider is used to its limit', PATIENCE_MS);

/** The second provider gets on with ten more calls, whatever the first one does. */
const secondGoesOn = (until: () => boolean | Promise<boolean> = () => true) => {
  const before = second.calls.length;
  return releasingAt(
    second,
    async () => second.calls.length >= before + 10 && (await until()),
    'the second provider takes over',
  );
};

const firstIsUsedAgain = async () => {
  const before = first.calls.length;
  await releasingAt(first, () => first.calls.length >= before + 5, 'the first provider is used again');
};

/** All calls that the first refused so were dialled by the second, while the first one still refused. */
async function secondTakesOver(refusal: string, atLeast: number): Promise<void> {
  await waitFor(
    async () => (await refusedAtFirst(refusal)).length >= atLeast,
    `the first refuses: ${refusal}`,
    PATIENCE_MS,
  );
  const refused = await refusedAtFirst(refusal);
  await secondGoesOn(() => refused.every((number) => second.dialsTo(number) === 1));
  expect(refused.filter((number) => first.dialsTo(number) > 0)).toEqual([]);
}

async function refusesConnections(): Promise<void> {
  await firstIsFull();
  // One call is created, and the provider goes down before it has answered for it.
  first.order({ answer: { kind: 'hang-after' }, webhooks: { mode: 'lost' } });
  const created = first.calls.length;
  release(first, 1);
  await waitFor(() => first.calls.length === created + 1 && held(first).length === FIRST_LIMIT, 'a call hangs');
  await first.goDown();
  release(first, FIRST_LIMIT);
  await secondTakesOver('unreachable', 5);
  expect((await view()).health).not.toBe('closed');
  expect(first.calls).toHaveLength(created + 1);
  await first.comeBack();
  await firstIsUsedAgain();
}

/** A call may be behind such an answer or not, and for a while nobody can ask. */
async function answersWith503(): Promise<void> {
  await firstIsFull();
  const created = first.calls.length;
  const answered = () => first.posts.filter((post) => post.answeredStatus === 503);
  first.order({ times: 2, webhooks: { mode: 'lost' } });
  first.order({ times: 3, answer: { kind: 'error-after', status: 503 } });
  first.order({ times: 'always', answer: { kind: 'error-before', status: 503 }, read: { status: 503 } });
  release(first, FIRST_LIMIT);
  await waitFor(() => answered().length >= 5, 'the first provider answers 503', PATIENCE_MS);
  await waitFor(async () => (await view()).health !== 'closed', 'the breaker opens', PATIENCE_MS);
  await secondGoesOn();
  expect(first.calls).toHaveLength(created + 3);
  first.withdrawOrders();
  await firstIsUsedAgain();
}

async function turnsTheAccountAway(): Promise<void> {
  await firstIsFull();
  const created = first.calls.length;
  first.order({ times: 'always', answer: { kind: 'account', status: 401 } });
  release(first, FIRST_LIMIT);
  await secondTakesOver('account', 1);
  expect(first.calls).toHaveLength(created);
  expect(await view()).toMatchObject({ pausedUntil: expect.any(String) });
  first.withdrawOrders();
  await world.admin('POST', `/v1/admin/providers/${vendors.first.id}/resume`);
  await firstIsUsedAgain();
}

async function allowsNoMoreCalls(): Promise<void> {
  await firstIsFull();
  const created = first.calls.length;
  first.order({ times: 'always', answer: { kind: 'over-limit' } });
  release(first, FIRST_LIMIT);
  await secondTakesOver('concurrency', 1);
  expect(first.calls).toHaveLength(created);
  first.withdrawOrders();
  await firstIsUsedAgain();
  // Time gives it back slot by slot, the administrator all of it at once.
  const [{ lowered_limit: lowered }] = (await world.database.query(
    'select lowered_limit from call_service_providers where id = $1',
    [vendors.first.id],
  )) as [{ lowered_limit: number }];
  expect(lowered).toBeLessThan(FIRST_LIMIT);
  await world.admin('POST', `/v1/admin/providers/${vendors.first.id}/resume`);
  await firstIsFull();
}

describe('a provider that goes down in every way, one after the other, while 300 calls are under way', () => {
  beforeEach(async () => {
    const script = (endedReason: string) => () =>
      ({ holdsWhile: 'in-progress', durationSeconds: 61, endedReason }) as const;
    await start({
      instances: 2,
      environment: SOON,
      limits: [FIRST_LIMIT, SECOND_LIMIT],
      vapi: { script: script('customer-ended-call') },
      retell: { script: script('user_hangup') },
    });
  });

  it('loses no call, doubles none, is stood in for, and is used again', async () => {
    const queued = numbers(CALLS);
    await world.queue(queued);
    await lettingEveryCallEnd(() => first.calls.length + second.calls.length >= 80);
    await refusesConnections();
    await answersWith503();
    await turnsTheAccountAway();
    await allowsNoMoreCalls();
    await lettingEveryCallEnd(async () => (await world.database.query(UNENDED)).length === 0);
    await world.settled();
    await world.measured();

    const never = await callsThatNeverHappened();
    expect(never.length).toBeGreaterThanOrEqual(2);
    await everyCallEndedOnce(queued, never);
    await doubtsStayedAtTheFirst();
    expect(await vendors.history()).toEqual(vendors.createdCalls());
    expect([first.maxLiveCalls, second.maxLiveCalls]).toEqual([FIRST_LIMIT, SECOND_LIMIT]);
    expect(await vendors.slotsInUse()).toEqual([0, 0]);
    const { totals, lines, oddAttempts } = await vendors.ledger();
    expect(lines).toEqual(totals);
    expect(totals).toMatchObject({ calls: CALLS - never.length, reservedCalls: 0, reservedMinutes: 0 });
    expect(oddAttempts).toBe(0);
  });

  /** Answered 503, and no call was behind it: nobody but the stand-in knows that. */
  const callsThatNeverHappened = async () =>
    first.posts
      .filter((post) => post.answeredStatus === 503 && post.callId === undefined)
      .map(({ number = '' }) => number)
      .sort();

  async function everyCallEndedOnce(queued: readonly string[], never: readonly string[]): Promise<void> {
    expect(queued.filter((number) => vendors.dialsTo(number) !== (never.includes(number) ? 0 : 1))).toEqual([]);
    expect(vendors.askedInDoubt()).toEqual([]);
    const ends = await world.database.query<{ status: string; failure_code: string | null; numbers: string[] }>(
      `select status, failure_code, array_agg(recipient_number order by recipient_number) as numbers
         from call_queue group by 1, 2 order by 1`,
    );
    expect(ends).toEqual([
      { status: 'completed', failure_code: null, numbers: queued.filter((number) => !never.includes(number)) },
      { status: 'failed', failure_code: 'placement_unknown', numbers: never },
    ]);
  }

  /** Placements that were answered 503, or not at all, have one attempt and never reached the second provider. */
  async function doubtsStayedAtTheFirst(): Promise<void> {
    const doubted = first.posts.filter((post) => !isRefused(post) && post.answeredStatus !== 201);
    expect(doubted.filter(({ answeredStatus }) => answeredStatus === undefined)).toHaveLength(1);
    expect(doubted.filter(({ number = '' }) => second.posts.some((post) => post.number === number))).toEqual([]);
    const last = await world.database.query<{ attempt_id: string }>(
      `select distinct on (call_queue_id) id as attempt_id from call_attempts order by call_queue_id, created_at desc`,
    );
    const lastAttempts = new Set(last.map((row) => row.attempt_id));
    expect(doubted.filter(({ attemptId = '' }) => !lastAttempts.has(attemptId))).toEqual([]);
  }
});

describe('an answer that is lost', () => {
  const attempts = (callId: string) =>
    world.database.query<{ state: string; provider_id: string }>(
      'select state, provider_id from call_attempts where call_queue_id = $1',
      [callId],
    );

  it.each(['Vapi', 'Retell'])(
    'at %s, which is asked first, is looked for there until the call is found, and the other vendor is never asked',
    async (vendor) => {
      await start({ environment: SOON, limits: [5, 5] });
      const isVapi = vendor === 'Vapi';
      if (!isVapi) await world.admin('PATCH', `/v1/admin/providers/${vendors.first.id}`, { priority: 3 });
      const [asked, other] = isVapi ? [vendors.first, vendors.second] : [vendors.second, vendors.first];
      const [number, elsewhere] = numbers(2) as [string, string];
      asked.sandbox.order({
        number,
        answer: { kind: 'lost-answer' },
        call: { holdsWhile: 'in-progress' },
        webhooks: { mode: 'lost' },
      });
      asked.sandbox.order({ times: 'always', read: { status: 503 } });
      const [id] = (await world.queue([number])) as [string];
      await waitFor(async () => (await attempts(id))[0]?.state === 'unknown', 'the placement is unknown');
      // Another call goes to the other vendor meanwhile, so a wish to send this one there would have shown.
      const templateId = await world.addTemplate({ assistantId: other.assistantIds[0] });
      const [later] = (await world.queue([elsewhere], { templateId })) as [string];
      await world.callWhen(later, 'completed');
      expect(await attempts(id)).toEqual([{ state: 'unknown', provider_id: asked.id }]);

      asked.sandbox.withdrawOrders();
      const [created] = asked.sandbox.calls;
      await waitFor(async () => (await world.call(id)).callId === created?.id, 'the call is found and adopted');
      asked.sandbox.release(number);
      expect(await world.callWhen(id, 'completed')).toMatchObject({ providerId: asked.id, callId: created?.id });
      expect(await attempts(id)).toEqual([{ state: 'ended', provider_id: asked.id }]);
      expect(asked.sandbox.posts.map((post) => post.number)).toEqual([number]);
      expect(other.sandbox.posts.map((post) => post.number)).toEqual([elsewhere]);
      expect(await vendors.history()).toEqual(vendors.createdCalls());
    },
  );
});

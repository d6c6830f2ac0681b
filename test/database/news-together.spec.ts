import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { News, ProviderReport } from '../../src/modules/calls/application/news';
import type { PreparedAttempt } from '../../src/modules/calls/application/prepare-attempts';
import { RecordPlacement } from '../../src/modules/calls/application/record-placement';
import { TakeNews } from '../../src/modules/calls/application/take-news';
import { UsageLedger } from '../../src/modules/billing/public/usage-ledger.port';
import type { CallReport, PlaceResult } from '../../src/modules/providers/public/call-provider.port';
import { openSession } from '../../src/shared/database/connection';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { createAttempt, createVendorAccount, type VendorAccount } from '../support/attempt-rows';
import { waitUntilBlocked } from '../support/held-work';
import { type Service, startService } from '../support/service';
import { SHUFFLE_SEED } from '../support/shuffle-seed';

/** What a vendor says of an attempt, whichever it is. */
type Saying = (attempt: Attempt) => News;

interface Attempt {
  readonly attemptId: string;
  readonly callQueueId: string;
}

let service: Service;
let account: VendorAccount;
let takeNews: TakeNews;
let providers = 0;

beforeAll(async () => {
  service = await startService();
  await service.database.query('update dispatch_control set is_paused = true');
  takeNews = service.app.get(TakeNews, { strict: false });
});
afterAll(() => service.stop());
afterEach(() => jest.restoreAllMocks());
/** A healthy one: what is reported of one that is not takes its lock. */
beforeEach(async () => {
  account = await createVendorAccount(service.database, `Provider ${String((providers += 1))}`);
});

async function makeAttempts(count: number): Promise<readonly Attempt[]> {
  const userId = await service.database.createUser({ isActive: true });
  await service.database.query(
    `insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end)
     select $1, id, 'active', now() - interval '1 day', now() + interval '20 days'
       from subscription_plans where slug = 'enterprise' and interval = 'monthly'`,
    [userId],
  );
  const attempts: Attempt[] = [];
  for (let index = 0; index < count; index += 1) attempts.push(await createAttempt(service.database, account, userId));
  const ledger = service.app.get(UsageLedger, { strict: false });
  const wishes = attempts.map((attempt) => ({ ...attempt, userId, minutes: 3 }));
  await service.app.get(UnitOfWork, { strict: false }).run(() => ledger.reserve(wishes));
  return attempts;
}

const answer =
  (result: PlaceResult | ((attempt: Attempt) => PlaceResult)): Saying =>
  (attempt) => ({
    ...{ kind: 'answer', attemptId: attempt.attemptId, providerId: account.providerId },
    phoneNumberId: account.phoneNumberId,
    result: typeof result === 'function' ? result(attempt) : result,
  });
const report =
  (told: Omit<CallReport, 'providerCallId'>, vendorsId = 'call'): Saying =>
  ({ attemptId }) => ({
    ...{ kind: 'report', providerId: account.providerId },
    report: { providerCallId: `${vendorsId} of ${attemptId}`, attemptId, ...told },
  });
const accepted = answer(({ attemptId }) => ({ kind: 'accepted', providerCallId: `call of ${attemptId}` }));
const refused = (refusal: 'concurrency' | 'line' | 'unreachable' | 'destination') =>
  answer({ kind: 'refused', refusal, detail: 'no' });
const ended = report({ progress: 'ended', outcome: 'completed', durationSeconds: 61, transcript: 'Hello' });
const STARTED = new Date('2026-10-01T10:00:00.123Z');

const SAYINGS: readonly (readonly [name: string, saying: Saying])[] = [
  ['accepted', accepted],
  ['refused: concurrency', refused('concurrency')],
  ['refused: line', refused('line')],
  ['refused: unreachable', refused('unreachable')],
  ['refused: destination', refused('destination')],
  ['no word', answer({ kind: 'unknown', cause: 'timeout' })],
  ['rings', report({ progress: 'ringing' })],
  ['talks', report({ progress: 'in-progress', startedAt: STARTED })],
  ['ended', report({ progress: 'ended', outcome: 'completed', endedReason: 'hung up' })],
  ['nobody', report({ progress: 'ended', outcome: 'no_answer', durationSeconds: 0 })],
  ['full', report({ progress: 'ended', outcome: 'capacity' })],
  ['bad line', report({ progress: 'ended', outcome: 'line', durationSeconds: 0 })],
  [
    'told',
    report({ progress: 'ended', outcome: 'completed', durationSeconds: 61, transcript: 'Hello', costMicros: 9 }),
  ],
  [
    'analysed',
    report({ progress: 'ended', outcome: 'voicemail', durationSeconds: 20, analysis: { machine: true }, summary: 'A' }),
  ],
  ['another call', report({ progress: 'in-progress' }, 'another')],
];

/** How the attempts stand, without what differs between any two. */
async function standingOf(attempts: readonly Attempt[]): Promise<readonly unknown[]> {
  return service.database.query(
    `select attempt.state, attempt.progress, attempt.refusal, attempt.outcome, attempt.is_settled,
            replace(attempt.provider_call_id, attempt.id::text, '') as vendors_id,
            attempt.placed_at is not null as is_placed, attempt.ended_at is not null as is_over,
            call.status, call.failure_code, call.provider_id, call.ended_at is not null as has_ended,
            call.call_id is not null as has_call_id, call.call_id = attempt.provider_call_id as is_its_own, history.status as recorded, history.outcome as became,
            history.ended_reason, history.transcript, history.summary, history.analysis, history.started_at,
            history.duration_seconds, history.cost_micros,
            (select array_agg(kind || ' ' || minutes order by kind) from usage_ledger_entries as line
              where line.attempt_id = attempt.id) as lines
       from unnest($1::uuid[]) with ordinality as named (id, place)
       join call_attempts as attempt using (id) join call_queue as call on call.id = attempt.call_queue_id
       left join user_call_history as history on history.attempt_id = attempt.id
      order by place`,
    [attempts.map(({ attemptId }) => attemptId)],
  );
}

const healthOf = async () =>
  (
    await service.database.query(
      'select failures, paused_until is not null as is_paused from call_service_providers where id = $1',
      [account.providerId],
    )
  )[0];

/** Calls that one attempt was refused for and another one is open for. */
async function makePairs(count: number): Promise<readonly (readonly [first: Attempt, second: Attempt])[]> {
  const firsts = await makeAttempts(count);
  for (const first of firsts) await takeNews.execute(refused('unreachable')(first));
  const pairs: [Attempt, Attempt][] = [];
  for (const first of firsts) pairs.push([first, await addAttempt(first)]);
  return pairs;
}

/** As the next claim would. */
async function addAttempt({ callQueueId }: Attempt): Promise<Attempt> {
  const attemptId = randomUUID();
  const { providerId, phoneNumberId, assistantId } = account;
  await service.database.query(
    `with call as (
       update call_queue set status = 'in-progress', provider_id = $3, attempts = 2 where id = $2 returning id)
     insert into call_attempts (id, call_queue_id, provider_id, phone_number_id, assistant_id, reserved_minutes, claimed_by)
     select $1, id, $3, $4, $5, 3, 'test' from call`,
    [attemptId, callQueueId, providerId, phoneNumberId, assistantId],
  );
  return { attemptId, callQueueId };
}

type Story = readonly (readonly [named: (typeof SAYINGS)[number], isOfSecond: boolean])[];

/** The first pieces of all stories, then the second ones. */
function inTurns(stories: readonly Story[], pairs: readonly (readonly [Attempt, Attempt])[]): readonly News[] {
  return [0, 1, 2, 3].flatMap((turn) =>
    stories.flatMap((story, index) => {
      const [piece, pair] = [story[turn], pairs[index]];
      return piece && pair ? [piece[0][1](pair[piece[1] ? 1 : 0])] : [];
    }),
  );
}

/** The next unit of work commits, and nobody hears of it. */
function loseOneCommit(): jest.SpyInstance {
  const unitOfWork = service.app.get(UnitOfWork, { strict: false });
  const apart = unitOfWork.apart.bind(unitOfWork);
  return jest.spyOn(unitOfWork, 'apart').mockImplementationOnce(async (...work) => {
    await apart(...work);
    throw new Error('Connection terminated unexpectedly');
  });
}

function preparedAs({ attemptId, callQueueId }: Attempt): PreparedAttempt {
  const { providerId, phoneNumberId, assistantId } = account;
  return {
    ...{ id: attemptId, callQueueId, providerId, to: '+12025550123', variables: {} },
    phoneNumber: { id: phoneNumberId, externalId: 'p1', fullNumber: '+12025550100' },
    assistant: { id: assistantId, externalId: 'a1' },
    ...{ reservedMinutes: 3, maxDurationSeconds: 180, preparedAtMs: Date.now() },
  };
}

const linesOf = (attempts: readonly Attempt[]) =>
  service.database.query('select kind from usage_ledger_entries where attempt_id = any ($1) order by kind', [
    attempts.map(({ attemptId }) => attemptId),
  ]);

describe('news of several attempts at once', () => {
  it('comes to the same as the same news one after the other', async () => {
    const piece = fc.tuple(fc.constantFrom(...SAYINGS), fc.boolean());
    const stories = fc.array(fc.array(piece, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(stories, async (told) => {
        const [together, apart] = [await makePairs(told.length), await makePairs(told.length)];
        const belongs = await Promise.all(inTurns(told, together).map((news) => takeNews.execute(news)));
        expect(belongs).toEqual(belongs.map(() => true));
        for (const news of inTurns(told, apart)) await takeNews.execute(news);
        expect(await standingOf(together.flat())).toEqual(await standingOf(apart.flat()));
      }),
      { numRuns: 40, seed: SHUFFLE_SEED },
    );
  });

  it('finds the attempt of a report without our id, when the answer with the vendor’s id comes at the same time', async () => {
    const [attempt] = await makeAttempts(1);
    const { attemptId: _, ...anonymous } = (ended(attempt!) as ProviderReport).report;
    const news = [accepted(attempt!), { ...ended(attempt!), report: anonymous } as ProviderReport];
    expect(await Promise.all(news.map((one) => takeNews.execute(one)))).toEqual([true, true]);
    expect(await standingOf([attempt!])).toMatchObject([{ state: 'ended', status: 'completed' }]);
  });

  it('blames no provider for the end of a call that has rung', async () => {
    const [attempt] = await makeAttempts(1);
    await takeNews.execute(accepted(attempt!));
    const news = [report({ progress: 'ringing' }), report({ progress: 'ended', outcome: 'account' })];
    await Promise.all(news.map((said) => takeNews.execute(said(attempt!))));
    expect(await healthOf()).toMatchObject({ is_paused: false });
  });

  it('is recorded whatever characters a refusal has', async () => {
    const [attempt] = await makeAttempts(1);
    const detail = 'half of a pair \ud83d and \u0000';
    await service.app
      .get(RecordPlacement, { strict: false })
      .execute(preparedAs(attempt!), { kind: 'refused', refusal: 'account', detail });
    expect(await standingOf([attempt!])).toMatchObject([{ state: 'refused', refusal: 'account' }]);
    expect(await healthOf()).toMatchObject({ is_paused: true });
  });

  it('is taken in for all others while one waits for a lock', async () => {
    const [held, ...others] = await makeAttempts(5);
    const session = await openSession(service.database.superuserUrl);
    await session.query('begin');
    await session.query('select from call_queue where id = $1 for update', [held?.callQueueId]);
    let isTaken = false;
    const waiting = takeNews.execute(accepted(held!)).then(() => (isTaken = true));
    await Promise.all(others.map((attempt) => takeNews.execute(accepted(attempt))));
    expect(await standingOf(others)).toMatchObject(others.map(() => ({ state: 'placed' })));
    await waitUntilBlocked(service.database, 1);
    expect(isTaken).toBe(false);
    await session.query('commit');
    await session.close();
    await waiting;
    expect(await standingOf([held!])).toMatchObject([{ state: 'placed' }]);
  });

  it('is refused alone when the database knows nothing of its attempt', async () => {
    const attempts = await makeAttempts(3);
    const stranger = { attemptId: randomUUID(), callQueueId: randomUUID() };
    const [lost, ...taken] = await Promise.allSettled(
      [stranger, ...attempts].map((one) => takeNews.execute(accepted(one))),
    );
    expect(lost).toMatchObject({
      status: 'rejected',
      reason: new Error(`Attempt ${stranger.attemptId} is not in the database: was it restored from a backup?`),
    });
    expect(taken).toEqual(attempts.map(() => ({ status: 'fulfilled', value: true })));
    expect(await standingOf(attempts)).toMatchObject(attempts.map(() => ({ state: 'placed' })));
  });

  it('changes nothing a second time when its commit was never answered', async () => {
    const attempts = await makeAttempts(3);
    const lost = loseOneCommit();
    const story = [
      accepted,
      report({ progress: 'ended', outcome: 'completed', durationSeconds: 61, transcript: 'Hello' }),
    ];
    await Promise.all(attempts.flatMap((attempt) => story.map((said) => takeNews.execute(said(attempt)))));
    expect(lost).toHaveBeenCalledTimes(1 + attempts.length * story.length);
    expect(await standingOf(attempts)).toMatchObject(
      attempts.map(() => ({
        state: 'ended',
        status: 'completed',
        transcript: 'Hello',
        lines: ['reserve 3', 'settle 2'],
      })),
    );
    expect(await linesOf(attempts)).toHaveLength(2 * attempts.length);
  });

  it('counts a refusal against its provider once when its commit was never answered', async () => {
    const attempts = await makeAttempts(4);
    loseOneCommit();
    await Promise.all(attempts.map((attempt) => takeNews.execute(refused('unreachable')(attempt))));
    expect(await healthOf()).toMatchObject({ failures: 4 });
  });
});

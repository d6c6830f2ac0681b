import { Logger } from '@nestjs/common';
import { currentStory, factsOf, within } from '../../../shared/observability/story';
import type { Claim, ClaimCalls, ClaimedAttempt } from './claim-calls';
import type { DispatchSettings } from './dispatch-settings';
import { DispatchSignal } from './dispatch-signal';
import type { PlaceAttempt } from './place-attempt';
import { QueueDispatcher } from './queue-dispatcher';

const SETTINGS = { batchSize: 10, shutdownTimeoutMs: 30_000 } as DispatchSettings;
const attempt = (id: string) => ({ id }) as ClaimedAttempt;

/** Answers claims with what is given, then with nothing; each waits until it is let go. */
class Claims {
  started = 0;
  overlapping = 0;
  /** What a line of the log would carry in each. */
  readonly facts: object[] = [];
  private running = 0;
  private readonly letGo: (() => void)[] = [];

  constructor(private readonly answers: (Claim | Error)[]) {}

  async execute(): Promise<Claim> {
    this.started += 1;
    this.facts.push(factsOf(currentStory()));
    this.running += 1;
    this.overlapping = Math.max(this.overlapping, this.running);
    await new Promise<void>((resolve) => this.letGo.push(resolve));
    this.running -= 1;
    const answer = this.answers.shift() ?? { attempts: [], hasMore: false };
    if (answer instanceof Error) throw answer;
    return answer;
  }

  async next(): Promise<void> {
    this.letGo.shift()?.();
    await settle();
  }
}

/** Lets every microtask run that is due. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const setUp = (...answers: (Claim | Error)[]) => {
  const claims = new Claims(answers);
  const placed: string[] = [];
  const pending: (() => void)[] = [];
  const lost: (readonly string[])[] = [];
  const place = {
    execute: ({ id }: ClaimedAttempt) =>
      new Promise<void>((resolve) => {
        placed.push(id);
        pending.push(resolve);
      }),
    releaseLost: async (_: string, underWay: readonly string[]) => void lost.push(underWay),
  };
  const signal = new DispatchSignal();
  const dispatcher = new QueueDispatcher(
    claims as unknown as ClaimCalls,
    place as unknown as PlaceAttempt,
    SETTINGS,
    signal,
  );
  return { claims, placed, pending, lost, signal, dispatcher };
};

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('QueueDispatcher', () => {
  it('claims until there is nothing left, and does not wait for placements in between', async () => {
    const { claims, placed, signal } = setUp(
      { attempts: [attempt('a'), attempt('b')], hasMore: true },
      { attempts: [attempt('c')], hasMore: true },
    );
    signal.wake();
    await claims.next();
    await claims.next();
    await claims.next();
    expect(placed).toEqual(['a', 'b', 'c']);
    expect(claims.started).toBe(3);
  });

  it('does not claim in the story of the request that woke it', async () => {
    const { claims, signal } = setUp();
    within('request', { requestId: 'r' }, () => {
      signal.wake();
      signal.wake();
    });
    await claims.next();
    await claims.next();
    expect(claims.facts).toEqual([{}, {}]);
  });

  it('never overlaps its own claims, and looks again when it is woken during one', async () => {
    const { claims, signal } = setUp();
    signal.wake();
    signal.wake();
    await claims.next();
    expect(claims.started).toBe(2);
    signal.wake();
    await claims.next();
    await claims.next();
    expect({ started: claims.started, overlapping: claims.overlapping }).toEqual({ started: 3, overlapping: 1 });
  });

  it.each(Array.from({ length: 15 }, (_, turns) => turns))(
    'hears a wake-up that comes %d turns after its last claim was answered',
    async (turns) => {
      const { claims, signal } = setUp();
      signal.wake();
      const answered = claims.next();
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      signal.wake();
      await answered;
      expect(claims.started).toBe(2);
    },
  );

  it('stays quiet after a failed claim until it is woken again', async () => {
    const { claims, signal } = setUp(new Error('the database is away'));
    signal.wake();
    await claims.next();
    expect(claims.started).toBe(1);
    signal.wake();
    await settle();
    expect(claims.started).toBe(2);
  });

  it('puts back what a failed claim may have committed, but nothing that is under way', async () => {
    const { claims, lost, signal } = setUp(
      { attempts: [attempt('a')], hasMore: true },
      new Error('the answer was lost'),
    );
    signal.wake();
    await claims.next();
    await claims.next();
    expect(lost).toEqual([]);
    signal.wake();
    await settle();
    expect(lost).toEqual([['a']]);
  });

  it('stops claiming at once and waits for the placements under way', async () => {
    const one = (id: string) => ({ attempts: [attempt(id)], hasMore: true });
    const { claims, pending, signal, dispatcher } = setUp(one('a'), one('b'), one('c'));
    signal.wake();
    await claims.next();
    let isStopped = false;
    const stopping = dispatcher.stop().then(() => (isStopped = true));
    await claims.next();
    signal.wake();
    expect({ isStopped, started: claims.started, placing: pending.length }).toEqual({
      isStopped: false,
      started: 2,
      placing: 2,
    });
    for (const finish of pending) finish();
    await stopping;
    expect(claims.started).toBe(2);
  });

  it('leaves to others what is not over in time, a claim without an answer included', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    const { claims, placed, signal, dispatcher } = setUp();
    signal.wake();
    let isStopped = false;
    void dispatcher.stop().then(() => (isStopped = true));
    await settle();
    expect(isStopped).toBe(false);
    await jest.advanceTimersByTimeAsync(SETTINGS.shutdownTimeoutMs);
    jest.useRealTimers();
    expect({ isStopped, started: claims.started, placed }).toEqual({ isStopped: true, started: 1, placed: [] });
  });
});

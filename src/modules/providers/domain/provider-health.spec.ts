import fc from 'fast-check';
import type { PlacementReport } from '../public/provider-pool.port';
import { HealthPolicy } from './health-policy';
import {
  afterPlacement,
  awaitsProbe,
  HEALTHY,
  holdOf,
  newsOf,
  type ProviderHealth,
  whileProbed,
} from './provider-health';

type Result = PlacementReport['result'];
type Refusal = Extract<Result, { kind: 'refused' }>['refusal'];

const policy = new HealthPolicy({
  cooldownMs: 5_000,
  lineQuarantineMs: 3_600_000,
  breakerFailures: 3,
  breakerOpenMs: 30_000,
});
const accepted: Result = { kind: 'accepted', providerCallId: 'call-1' };
const unknown: Result = { kind: 'unknown', cause: 'timeout' };
const refused = (refusal: Refusal, retryAfterMs?: number): Result => ({
  kind: 'refused',
  refusal,
  detail: 'as the vendor says',
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});
const after = (health: ProviderHealth, ...results: readonly Result[]) =>
  results.reduce((current, result) => afterPlacement(current, { result }, policy), health);
/** The same health once every span of time has run out. */
const later = (health: ProviderHealth): ProviderHealth => ({
  ...health,
  pausedForMs: health.pausedForMs === null ? null : -1,
  probeInMs: health.probeInMs === null ? null : -1,
});

describe('pauses', () => {
  it('cools a provider after a concurrency refusal, and doubles with each repetition up to five minutes', () => {
    let health = HEALTHY;
    const pauses = Array.from({ length: 9 }, () => {
      health = after(later(health), refused('concurrency'));
      return health.pausedForMs;
    });
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  });

  it('waits for as long as the vendor asks', () => {
    expect(after(HEALTHY, refused('rate_limit', 42_000)).pausedForMs).toBe(42_000);
  });

  it('never believes a vendor that asks for more than an hour', () => {
    expect(after(HEALTHY, refused('rate_limit', 1e12)).pausedForMs).toBe(3_600_000);
  });

  it('takes refusals of one batch for one: only a refusal after the pause is a repetition', () => {
    const health = after(HEALTHY, refused('concurrency'), refused('concurrency'), refused('concurrency'));
    expect(health).toMatchObject({ pausedForMs: 5_000, pauses: 1 });
  });

  it('keeps pausing when a call of the same batch was accepted', () => {
    const health = after(HEALTHY, refused('concurrency'), accepted);
    expect(holdOf(health)).toBe('paused');
    expect(health.pauses).toBe(1);
  });

  it('starts over once a call is accepted after the pause', () => {
    expect(after(later(after(HEALTHY, refused('concurrency'))), accepted)).toEqual(HEALTHY);
  });

  it('pauses an account for five minutes, doubling up to an hour, and says what to do', () => {
    let health = HEALTHY;
    const pauses = Array.from({ length: 6 }, () => {
      health = after(later(health), refused('account'));
      return (health.pausedForMs ?? 0) / 60_000;
    });
    expect(pauses).toEqual([5, 10, 20, 40, 60, 60]);
    expect(health.pauseReason).toMatch(/as the vendor says.*Check its key, credit and plan/);
  });

  it('lets an account refusal lengthen a shorter pause', () => {
    const health = after(HEALTHY, refused('concurrency'), refused('account'));
    expect(health).toMatchObject({ pausedForMs: 300_000, pauses: 1 });
    expect(health.pauseReason).toMatch(/turns the account away/);
  });

  it('never shortens a pause', () => {
    const health = after(HEALTHY, refused('account'));
    expect(after(health, refused('concurrency'), refused('rate_limit', 1_000))).toBe(health);
  });
});

describe('breaker', () => {
  const open = after(HEALTHY, unknown, refused('unreachable'), unknown);

  it.each([unknown, refused('unreachable')])('opens after the third failure in a row: %j', (failure) => {
    const almost = after(HEALTHY, failure, failure);
    expect(almost.breaker).toBe('closed');
    expect(after(almost, failure)).toMatchObject({ breaker: 'open', probeInMs: 30_000, pausedForMs: null });
  });

  it('starts to count anew after an accepted call', () => {
    expect(after(HEALTHY, unknown, unknown, accepted, unknown, unknown).breaker).toBe('closed');
  });

  it('holds calls back, then awaits one probe', () => {
    expect(holdOf(open)).toBe('breaker-open');
    expect(awaitsProbe(open)).toBe(false);
    expect(holdOf(later(open))).toBeUndefined();
    expect(awaitsProbe(later(open))).toBe(true);
  });

  it('sends no second probe until the first one is answered or lost', () => {
    const probed = whileProbed(later(open), policy);
    expect(holdOf(probed)).toBe('breaker-open');
    expect(awaitsProbe(later(probed))).toBe(true);
  });

  it('is not prolonged by failures that arrive late', () => {
    expect(after({ ...open, probeInMs: 12 }, unknown).probeInMs).toBe(12);
  });

  it('opens again when the probe fails', () => {
    expect(after(later(whileProbed(open, policy)), unknown)).toMatchObject({ breaker: 'open', probeInMs: 30_000 });
  });

  it('opens again when the probe fails, however many failures the operator has come to allow', () => {
    expect(after({ ...whileProbed(open, policy), failures: 0 }, unknown).breaker).toBe('open');
  });

  it('closes when the probe is accepted', () => {
    expect(after(whileProbed(open, policy), accepted)).toEqual(HEALTHY);
  });

  it.each(['destination', 'agent', 'request', 'line'] as const)(
    'closes when the probe is refused for its %s',
    (refusal) => {
      expect(after(whileProbed(open, policy), refused(refusal))).toEqual(HEALTHY);
    },
  );

  it('closes and pauses when the probe meets the limit', () => {
    expect(after(whileProbed(open, policy), refused('concurrency'))).toMatchObject({
      breaker: 'closed',
      pausedForMs: 5_000,
    });
  });

  it('puts a pause before a probe', () => {
    const both = { ...later(open), pausedForMs: 1_000 };
    expect(holdOf(both)).toBe('paused');
    expect(awaitsProbe(both)).toBe(false);
  });
});

describe('what says nothing about health', () => {
  it.each(['destination', 'agent', 'request', 'line'] as const)('%s', (refusal) => {
    const health = after(HEALTHY, unknown);
    expect(after(health, refused(refusal))).toBe(health);
  });

  it('an accepted call of a healthy provider', () => {
    expect(after(HEALTHY, accepted)).toBe(HEALTHY);
  });
});

describe('news', () => {
  it('tells once that a pause begins, and once that the breaker opens', () => {
    const paused = after(HEALTHY, refused('account'));
    expect(newsOf(HEALTHY, paused)).toMatch(/^paused for 300 s\. The vendor turns the account away/);
    expect(newsOf(paused, after(paused, refused('account')))).toBeUndefined();
    const almost = after(HEALTHY, unknown, unknown);
    expect(newsOf(HEALTHY, almost)).toBeUndefined();
    expect(newsOf(almost, after(almost, unknown))).toMatch(
      /3 placements in a row failed; one call will probe it in 30 s/,
    );
  });
});

it('ends every pause and every open breaker by itself, whatever the vendor answers', () => {
  const refusal = fc.constantFrom<Refusal>(
    'concurrency',
    'rate_limit',
    'unreachable',
    'account',
    'line',
    'agent',
    'destination',
    'request',
  );
  const result = fc.oneof(
    fc.constant(accepted),
    fc.constant(unknown),
    fc.tuple(refusal, fc.option(fc.nat(), { nil: undefined })).map(([one, ms]) => refused(one, ms)),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(result, fc.boolean()), { maxLength: 40 }), (steps) => {
      const end = steps.reduce((health, [one, waits]) => after(waits ? later(health) : health, one), HEALTHY);
      expect(end.pausedForMs ?? 0).toBeLessThanOrEqual(3_600_000);
      expect(holdOf(later(end))).toBeUndefined();
      expect(end.breaker === 'closed').toBe(end.probeInMs === null);
    }),
  );
});

import fc from 'fast-check';
import { effectiveLimit, LIMIT_STEP_MS, type LoweredLimit, lowerLimit } from './effective-limit';

const UNTOUCHED: LoweredLimit = { loweredLimit: null, loweredForMs: null };
const SECOND_MS = 1_000;

const elapse = (lowered: LoweredLimit, milliseconds: number): LoweredLimit => ({
  ...lowered,
  loweredForMs: lowered.loweredForMs === null ? null : lowered.loweredForMs + milliseconds,
});

describe('the effective limit', () => {
  it('is the account’s own before any refusal', () => {
    expect(effectiveLimit(10, UNTOUCHED)).toBe(10);
  });

  it('is one less than what was in use, and at least one', () => {
    expect(lowerLimit(UNTOUCHED, 7)).toEqual({ loweredLimit: 6, loweredForMs: 0 });
    expect(lowerLimit(UNTOUCHED, 1)).toEqual({ loweredLimit: 1, loweredForMs: 0 });
    expect(lowerLimit(UNTOUCHED, 0)).toEqual({ loweredLimit: 1, loweredForMs: 0 });
  });

  it('ends at what a batch got accepted: each refusal finds one less in use', () => {
    const afterFour = [10, 9, 8, 7].reduce(lowerLimit, UNTOUCHED);
    expect(effectiveLimit(10, afterFour)).toBe(6);
  });

  it('falls with each refusal, even if they were counted at the same moment', () => {
    const afterTwo = [10, 10].reduce(lowerLimit, UNTOUCHED);
    expect(effectiveLimit(10, afterTwo)).toBe(8);
  });

  it('climbs by one with each step of time, up to the account’s own', () => {
    const lowered = lowerLimit(UNTOUCHED, 7);
    const limits = [0, 1, 2, 3, 4, 5, 100].map((steps) => effectiveLimit(10, elapse(lowered, steps * LIMIT_STEP_MS)));
    expect(limits).toEqual([6, 7, 8, 9, 10, 10, 10]);
    expect(effectiveLimit(10, elapse(lowered, LIMIT_STEP_MS - 1))).toBe(6);
  });

  it('falls from where it has climbed to', () => {
    const climbedToEight = elapse(lowerLimit(UNTOUCHED, 7), 2 * LIMIT_STEP_MS);
    expect(effectiveLimit(10, lowerLimit(climbedToEight, 8))).toBe(7);
  });

  it('follows the account’s own limit down to nothing', () => {
    expect(effectiveLimit(0, lowerLimit(UNTOUCHED, 5))).toBe(0);
    expect(effectiveLimit(3, lowerLimit(UNTOUCHED, 9))).toBe(3);
  });

  it('is always between one and the account’s own, whatever happens', () => {
    const event = fc.oneof(
      fc.record({ inUse: fc.nat(50) }),
      fc.record({ elapsedMs: fc.integer({ min: -5, max: 10 * LIMIT_STEP_MS }) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.array(event, { maxLength: 60 }), (limit, events) => {
        let lowered = UNTOUCHED;
        for (const happening of events) {
          const before = effectiveLimit(limit, lowered);
          if ('inUse' in happening) {
            lowered = lowerLimit(lowered, happening.inUse);
            expect(effectiveLimit(limit, lowered)).toBeLessThanOrEqual(before);
          } else {
            lowered = elapse(lowered, happening.elapsedMs);
          }
          const now = effectiveLimit(limit, lowered);
          expect(now).toBeGreaterThanOrEqual(1);
          expect(now).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });
});

/** An account that carries so many calls in all, ours and those of others, and refuses what is more. */
class SharedAccount {
  readonly refusals: number[] = [];
  private readonly ours: number[] = [];
  private lowered = UNTOUCHED;
  private now = 0;

  constructor(
    private readonly carries: number,
    private readonly concurrencyLimit: number,
  ) {}

  get limit(): number {
    return effectiveLimit(this.concurrencyLimit, this.lowered);
  }

  /** Lets seconds pass in which there is always another call waiting. Each of ours takes three minutes. */
  run(seconds: number, callsOfOthers: number): void {
    for (let second = 0; second < seconds; second += 1) {
      this.now += 1;
      this.lowered = elapse(this.lowered, SECOND_MS);
      while ((this.ours[0] ?? Infinity) <= this.now) this.ours.shift();
      this.claim(callsOfOthers);
    }
  }

  /** A whole batch goes out at once; the vendor takes what it can carry, and refuses the rest one by one. */
  private claim(callsOfOthers: number): void {
    const batch = Math.max(0, this.limit - this.ours.length);
    const accepted = Math.min(batch, Math.max(0, this.carries - callsOfOthers - this.ours.length));
    for (let call = 0; call < accepted; call += 1) this.ours.push(this.now + 180 + call);
    for (let refused = batch - accepted; refused > 0; refused -= 1) {
      this.lowered = lowerLimit(this.lowered, this.ours.length + refused);
      this.refusals.push(this.now);
    }
  }
}

describe('an account that is shared with other traffic', () => {
  it('settles at what is left, and asks for more only once per step', () => {
    const account = new SharedAccount(10, 10);
    account.run(1_800, 4);
    expect(account.limit).toBeGreaterThanOrEqual(6);
    expect(account.limit).toBeLessThanOrEqual(7);
    expect(account.refusals.filter((at) => at === 1)).toHaveLength(4);
    const later = account.refusals.filter((at) => at > 1);
    expect(later.length).toBeGreaterThan(0);
    for (const [index, at] of later.slice(1).entries())
      expect(at - later[index]!).toBeGreaterThanOrEqual(LIMIT_STEP_MS / SECOND_MS);
  });

  it('gives way when others need more, and takes it all when they are gone', () => {
    const account = new SharedAccount(10, 10);
    account.run(600, 2);
    expect(account.limit).toBeGreaterThanOrEqual(8);
    account.run(1_200, 9);
    expect(account.limit).toBeLessThanOrEqual(2);
    account.run(600, 0);
    expect(account.limit).toBe(10);
    const before = account.refusals.length;
    account.run(3_600, 0);
    expect(account.refusals).toHaveLength(before);
  });
});

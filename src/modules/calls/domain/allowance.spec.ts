import { Allowance } from './allowance';
import { QueuedCallsLimitReached, QuotaExceeded } from './calls.errors';

const spent = expect.any(QuotaExceeded) as unknown;
const full = expect.any(QueuedCallsLimitReached) as unknown;
const periodEnd = new Date('2026-12-01T00:00:00Z');
const justBefore = new Date(periodEnd.getTime() - 1);

describe('Allowance', () => {
  it('gives what is left, and no more', () => {
    const allowance = new Allowance({ calls: 2, periodEnd, room: null });
    expect([1, 2, 3].map(() => allowance.take(undefined))).toEqual([null, null, spent]);
  });

  it('gives nothing when more is spoken for than is left', () => {
    expect(new Allowance({ calls: -3, periodEnd, room: null }).take(undefined)).toEqual(spent);
  });

  it('is not used by calls of a later period', () => {
    const allowance = new Allowance({ calls: 0, periodEnd, room: null });
    expect(allowance.take(periodEnd)).toBeNull();
    expect(allowance.take(justBefore)).toEqual(spent);
  });

  it('never ends when unlimited', () => {
    expect(new Allowance({ calls: null, periodEnd: null, room: null }).take(undefined)).toBeNull();
  });

  it('lets no more calls wait than there is room for, whenever they are due', () => {
    const allowance = new Allowance({ calls: null, periodEnd, room: 2 });
    expect([undefined, periodEnd, justBefore, periodEnd].map((dueAt) => allowance.take(dueAt))).toEqual([
      null,
      null,
      full,
      full,
    ]);
  });

  it('uses no room for what the period refuses', () => {
    const allowance = new Allowance({ calls: 0, periodEnd, room: 1 });
    expect(allowance.take(undefined)).toEqual(spent);
    expect(allowance.take(periodEnd)).toBeNull();
  });
});

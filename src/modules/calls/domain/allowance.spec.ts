import { Allowance } from './allowance';

const periodEnd = new Date('2026-12-01T00:00:00Z');

describe('Allowance', () => {
  it('gives what is left, and no more', () => {
    const allowance = new Allowance(2, periodEnd);
    expect([1, 2, 3].map(() => allowance.take(undefined))).toEqual([true, true, false]);
  });

  it('gives nothing when more is spoken for than is left', () => {
    expect(new Allowance(-3, periodEnd).take(undefined)).toBe(false);
  });

  it('is not used by calls of a later period', () => {
    const allowance = new Allowance(0, periodEnd);
    expect(allowance.take(periodEnd)).toBe(true);
    expect(allowance.take(new Date(periodEnd.getTime() - 1))).toBe(false);
  });

  it('never ends when unlimited', () => {
    expect(new Allowance(null, null).take(undefined)).toBe(true);
  });
});

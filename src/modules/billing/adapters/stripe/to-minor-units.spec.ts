import { toMinorUnits } from './to-minor-units';

describe('toMinorUnits', () => {
  it.each([
    [29, 'usd', 2_900],
    [19.99, 'eur', 1_999],
    [1.005, 'usd', 100],
    [0, 'usd', 0],
    [2_900, 'jpy', 2_900],
    [9.123, 'kwd', 9_120],
  ])('counts %s %s as %s', (amount, currency, units) => {
    expect(toMinorUnits(amount, currency)).toBe(units);
  });
});

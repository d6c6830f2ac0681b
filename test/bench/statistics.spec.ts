import { fitExponent, fitLine, median, percentile, spread } from './statistics';

describe('the statistics of the bench', () => {
  it('finds the middle of an odd and of an even number of values, whatever their order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('interpolates percentiles', () => {
    const values = Array.from({ length: 101 }, (_, index) => 100 - index);
    expect(percentile(values, 0.99)).toBe(99);
    expect(percentile([0, 10], 0.25)).toBe(2.5);
    expect(percentile([7], 0.95)).toBe(7);
  });

  it('says how far values lie apart', () => {
    expect(spread([3, 1, 2])).toEqual({ least: 1, most: 3 });
  });

  it('finds the line through points that lie on one', () => {
    const { slope, intercept, fit } = fitLine([
      [1, 5],
      [2, 7],
      [4, 11],
    ]);
    expect([slope, intercept, fit]).toEqual([2, 3, 1]);
  });

  it('tells a line that explains little from one that explains all', () => {
    const points = [0, 1, 2, 3].map((x) => [x, x % 2] as const);
    expect(fitLine(points).fit).toBeCloseTo(0.2);
  });

  it('finds the power that a curve grows with', () => {
    const curve = (power: number) => [1, 10, 100].map((x) => [x, 3 * x ** power] as const);
    expect(fitExponent(curve(2))).toBeCloseTo(2);
    expect(fitExponent(curve(0))).toBeCloseTo(0);
  });
});

import { grantedOf, without } from './remaining';

describe('grantedOf', () => {
  it.each([
    [{ calls: 3, minutes: 30 }, 10, 10],
    [{ calls: 1, minutes: 4 }, 10, 4],
    [{ calls: null, minutes: null }, 600, 600],
    [{ calls: null, minutes: 1 }, 1, 1],
    [{ calls: 0, minutes: 30 }, 10, undefined],
    [{ calls: 3, minutes: 0 }, 10, undefined],
    [{ calls: 0, minutes: null }, 1, undefined],
  ])('of %j for a wish of %d minutes is %p', (remaining, wish, granted) => {
    expect(grantedOf(remaining, wish)).toBe(granted);
  });
});

describe('without', () => {
  it.each([
    [
      { calls: 3, minutes: 30 },
      { calls: 2, minutes: 20 },
    ],
    [
      { calls: null, minutes: 30 },
      { calls: null, minutes: 20 },
    ],
    [
      { calls: 1, minutes: null },
      { calls: 0, minutes: null },
    ],
    [
      { calls: 0, minutes: 4 },
      { calls: 0, minutes: 0 },
    ],
  ])('one call and ten minutes, %j leaves %j', (remaining, left) => {
    expect(without(remaining, { calls: 1, minutes: 10 })).toEqual(left);
  });
});

import { maxDurationSeconds, wholeMinutes } from './minutes';

describe('minutes', () => {
  it.each([
    [0, 0],
    [0.2, 1],
    [60, 1],
    [60.001, 2],
    [-5, 0],
  ])('rounds %s seconds up to %s whole minutes', (seconds, minutes) => {
    expect(wholeMinutes(seconds)).toBe(minutes);
  });

  it('never lets a call last longer than its reservation', () => {
    expect(maxDurationSeconds(600, 3)).toBe(180);
    expect(maxDurationSeconds(90, 2)).toBe(90);
  });
});

import { listSchedule } from './list-schedule';

describe('the ideal makespan', () => {
  it.each([
    [[], 3, 0],
    [[5], 3, 5],
    [[5, 4, 3], 1, 12],
    [[5, 4, 3], 3, 5],
    // 3 begins when 4 ends, 2 when 5 does.
    [[5, 4, 3, 2], 2, 7],
    [[1, 1, 10], 2, 11],
  ])('of %p on %d slots is %d', (lengths, slots, ideal) => {
    expect(listSchedule(lengths, slots)).toBe(ideal);
  });
});

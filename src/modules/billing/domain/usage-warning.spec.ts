import { balanceOf } from './allowance';
import { usageWarnings } from './usage-warning';

const warningsAt = (used: number, reserved: number, limit: number | null) =>
  usageWarnings({ calls: balanceOf(limit, used, reserved), minutes: balanceOf(null, used, reserved) });
const calls = (threshold: number) => [{ resource: 'calls', threshold }];

describe('usage warnings', () => {
  it.each([
    [0, 0, 10, []],
    [7, 0, 10, []],
    [8, 0, 10, calls(80)],
    [4, 4, 10, calls(80)],
    [9, 0, 10, calls(80)],
    [9, 1, 10, calls(100)],
    [12, 3, 10, calls(100)],
    [2, 0, 3, []],
    [3, 0, 3, calls(100)],
    [39, 0, 49, []],
    [40, 0, 49, calls(80)],
  ])('%i used and %i reserved of %i', (used, reserved, limit, warnings) => {
    expect(warningsAt(used, reserved, limit)).toEqual(warnings);
  });

  it('never come without a limit, and always where the limit is nothing', () => {
    expect(warningsAt(1_000_000, 5, null)).toEqual([]);
    expect(warningsAt(0, 0, 0)).toEqual(calls(100));
  });

  it('come for calls and minutes apart', () => {
    expect(usageWarnings({ calls: balanceOf(10, 8, 0), minutes: balanceOf(10, 10, 0) })).toEqual([
      { resource: 'calls', threshold: 80 },
      { resource: 'minutes', threshold: 100 },
    ]);
  });
});

import { type Allowance, balanceOf, callsLeftIn } from './allowance';

const period = { start: new Date(0), end: new Date(1) };
const allowance = (calls: Allowance['calls'], minutes: Allowance['minutes']): Allowance => ({ period, calls, minutes });

describe('an allowance', () => {
  it('has left what is neither used nor reserved', () => {
    expect(balanceOf(10, 3, 2)).toEqual({ limit: 10, used: 3, reserved: 2, remaining: 5 });
  });

  it('has nothing left, not less, when its limit was lowered', () => {
    expect(balanceOf(4, 3, 2).remaining).toBe(0);
  });

  it('is unlimited without a limit', () => {
    expect(balanceOf(null, 3, 2).remaining).toBeNull();
    expect(callsLeftIn(allowance(balanceOf(null, 0, 0), balanceOf(null, 0, 0)))).toBeNull();
  });

  it('admits no call without a minute left', () => {
    expect(callsLeftIn(allowance(balanceOf(10, 0, 0), balanceOf(5, 2, 3)))).toBe(0);
    expect(callsLeftIn(allowance(balanceOf(10, 1, 2), balanceOf(5, 2, 2)))).toBe(7);
  });
});

import { Troubles } from './troubles';

describe('troubles', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('begin once, each for itself, until they are over', () => {
    const troubles = new Troubles();
    expect([troubles.meet('a'), troubles.meet('a'), troubles.meet('b')]).toEqual([true, false, true]);
    expect([troubles.end('a'), troubles.end('a')]).toEqual([true, false]);
    expect([troubles.meet('a'), troubles.meet('b')]).toEqual([true, false]);
  });

  it('are over when nobody has met them for a while', () => {
    const troubles = new Troubles(1_000);
    expect(troubles.meet()).toBe(true);
    for (let met = 0; met < 5; met += 1) {
      jest.advanceTimersByTime(900);
      expect(troubles.meet()).toBe(false);
    }
    jest.advanceTimersByTime(1_001);
    expect(troubles.meet()).toBe(true);
  });

  it('are not remembered without end', () => {
    const troubles = new Troubles();
    troubles.meet('first');
    for (let index = 0; index < 1_000; index += 1) troubles.meet(String(index));
    expect([troubles.meet('first'), troubles.meet('999')]).toEqual([true, false]);
  });
});

import { type AttemptAccount, lateLine, releaseLine, reserveLine, settleLine } from './ledger-line';

const account = (changes: Partial<AttemptAccount> = {}): AttemptAccount => ({
  reservedMinutes: 5,
  kinds: ['reserve'],
  callsRemaining: 10,
  minutesRemaining: 10,
  ...changes,
});

describe('the lines of the ledger', () => {
  it('reserves one call and its minutes', () => {
    expect(reserveLine(5)).toEqual({ kind: 'reserve', calls: 1, minutes: 5, reservedCalls: 1, reservedMinutes: 5 });
  });

  it('settles what was used and gives the whole reservation back', () => {
    expect(settleLine(account(), 3)).toEqual({
      kind: 'settle',
      calls: 1,
      minutes: 3,
      reservedCalls: -1,
      reservedMinutes: -5,
    });
  });

  it('never settles more than what was reserved', () => {
    expect(settleLine(account(), 9)?.minutes).toBe(5);
  });

  it('releases the reservation without using anything', () => {
    expect(releaseLine(account())).toEqual({
      kind: 'release',
      calls: 1,
      minutes: 5,
      reservedCalls: -1,
      reservedMinutes: -5,
    });
  });

  it.each([['settle'], ['release']] as const)('neither settles nor releases after a %s', (kind) => {
    const done = account({ kinds: ['reserve', kind] });
    expect([settleLine(done, 3), releaseLine(done)]).toEqual([undefined, undefined]);
  });

  it('charges late only what was released, and once', () => {
    const charge = { kind: 'adjust', calls: 1, minutes: 3, reservedCalls: 0, reservedMinutes: 0 };
    expect(lateLine(account({ kinds: ['reserve', 'release'] }), 3)).toEqual(charge);
    expect(lateLine(account(), 3)).toBeUndefined();
    expect(lateLine(account({ kinds: ['reserve', 'settle'] }), 3)).toBeUndefined();
    expect(lateLine(account({ kinds: ['reserve', 'release', 'adjust'] }), 3)).toBeUndefined();
  });

  it.each([
    ['what had been reserved', { callsRemaining: null, minutesRemaining: null }, { calls: 1, minutes: 5 }],
    ['the minutes that are left', { minutesRemaining: 2 }, { calls: 1, minutes: 2 }],
    ['no call when none is left', { callsRemaining: 0 }, { calls: 0, minutes: 5 }],
  ])('charges late at most %s', (_, changes, charged) => {
    expect(lateLine(account({ kinds: ['reserve', 'release'], ...changes }), 9)).toMatchObject(charged);
  });
});

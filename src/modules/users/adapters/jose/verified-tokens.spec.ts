import { VerifiedTokens } from './verified-tokens';

const claims = { subject: 'somebody', role: 'authenticated', email: undefined, isAdmin: false };

describe('VerifiedTokens', () => {
  let now: number;
  let tokens: VerifiedTokens;
  beforeEach(() => {
    now = 1_000_000;
    tokens = new VerifiedTokens(() => now);
  });

  it('knows a token that has held, and no other', () => {
    tokens.keep('a', claims, now + 3_600_000);
    expect(tokens.find('a')).toEqual(claims);
    expect(tokens.find('b')).toBeUndefined();
  });

  it('forgets it at the moment at which it expires', () => {
    tokens.keep('a', claims, now + 10);
    now += 9;
    expect(tokens.find('a')).toEqual(claims);
    now += 1;
    expect(tokens.find('a')).toBeUndefined();
  });

  it('has it checked again after a minute, however long it holds', () => {
    tokens.keep('a', claims, now + 3_600_000);
    now += 60_000;
    expect(tokens.find('a')).toBeUndefined();
    tokens.keep('a', claims, now + 3_600_000);
    expect(tokens.find('a')).toEqual(claims);
  });

  it('forgets the oldest ones before it grows beyond bounds', () => {
    for (let number = 0; number < 10_005; number += 1) tokens.keep(String(number), claims, now + 1_000);
    expect(tokens.find('4')).toBeUndefined();
    expect(tokens.find('10004')).toEqual(claims);
    expect(tokens.find('500')).toEqual(claims);
  });
});

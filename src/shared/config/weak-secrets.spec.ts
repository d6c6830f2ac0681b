import { randomBytes } from 'node:crypto';
import { hasGuessablePassword, isGuessable, isGuessableKey, isPlaceholder } from './weak-secrets';

describe('a secret', () => {
  it.each([
    'a'.repeat(40),
    'abcabcabcabcabcabcabcabcabcabcabcabc',
    '0101100101011001100101011001010110',
    'super-secret-jwt-token-with-at-least-32-characters-long',
    'your-super-secret-jwt-token-with-at-least-32-characters-long',
    'please-change-me-please-change-me-now',
    'this is an example that is long enough',
  ])('%s can be guessed', (secret) => {
    expect(isGuessable(secret)).toBe(true);
  });

  it('made at random cannot, however it is written', () => {
    for (let count = 0; count < 1_000; count += 1) {
      expect(isGuessable(randomBytes(32).toString('hex'))).toBe(false);
      expect(isGuessable(randomBytes(24).toString('base64'))).toBe(false);
      expect(isGuessableKey(randomBytes(32))).toBe(false);
    }
  });

  it.each(['your-api-key', 'whsec_...', 'sk_test_replace_me', 'xxxxxxxx'])('%s is a placeholder', (secret) => {
    expect(isPlaceholder(secret)).toBe(true);
  });

  it.each(['sk_test_1', 'whsec_1', '0a1b2c'])('%s may be a vendor’s', (secret) => {
    expect(isPlaceholder(secret)).toBe(false);
  });
});

describe('a key', () => {
  it.each([
    ['of one byte', Buffer.alloc(32, 7)],
    ['of zeros', Buffer.alloc(32)],
    ['that counts', Buffer.from(Array.from({ length: 32 }, (_, index) => index))],
    ['of digits', Buffer.from('01234567890123456789012345678901')],
  ])('%s can be guessed', (_, bytes) => {
    expect(isGuessableKey(bytes)).toBe(true);
  });

  it('that is too short is none', () => {
    expect(isGuessableKey(Buffer.alloc(5))).toBe(false);
  });
});

describe('a password in a connection string', () => {
  it.each(['secret', 'postgres', '%5BYOUR-PASSWORD%5D', 'aaaaaaaa', 'Password'])('%s can be guessed', (password) => {
    expect(hasGuessablePassword(`postgresql://ringonce:${password}@db.example.com/postgres`)).toBe(true);
  });

  it('made at random cannot, and one that is not there is not needed', () => {
    expect(hasGuessablePassword(`postgresql://ringonce:${randomBytes(12).toString('hex')}@db/x`)).toBe(false);
    expect(hasGuessablePassword('postgresql://ringonce@db/x')).toBe(false);
    expect(hasGuessablePassword('no URL')).toBe(false);
  });
});

import { BaseUrlRule } from './base-url-rule';
import { InvalidField } from './providers.errors';

describe('BaseUrlRule', () => {
  it.each(['https://api.example.com', 'http://127.0.0.1:4010', 'http://localhost:4010'])(
    'takes %s outside production',
    (url) => {
      expect(new BaseUrlRule(false).check(`${url}/`)).toBe(url);
    },
  );

  it.each([
    'http://api.example.com',
    'https://localhost:4010',
    'https://127.0.0.1',
    'https://127.1',
    'https://2130706433',
    'https://[::1]:4010',
    'https://[::ffff:127.0.0.1]',
    'https://0.0.0.0',
    'https://localhost.',
  ])('refuses %s in production', (url) => {
    expect(() => new BaseUrlRule(true).check(url)).toThrow(InvalidField);
  });

  it('takes https in production', () => {
    expect(new BaseUrlRule(true).check('https://api.example.com/v2')).toBe('https://api.example.com/v2');
  });

  it.each([
    '',
    'api.example.com',
    'ftp://api.example.com',
    'https://user:pass@example.com',
    'https://example.com?a=1',
    'file:///etc/passwd',
  ])('refuses %p anywhere', (url) => {
    expect(() => new BaseUrlRule(false).check(url)).toThrow(InvalidField);
  });
});

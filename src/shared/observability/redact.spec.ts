import { redact } from './redact';

describe('redact', () => {
  it.each([
    ['+12025550147 was refused', '[number] was refused'],
    ['customer.number "+1 (202) 555-0147" is invalid', 'customer.number "[number]" is invalid'],
    ['to +49 30 1234567.', 'to [number].'],
    ['connect postgres://ringonce:hunter2@db:5432/ringonce', 'connect postgres://[redacted]@db:5432/ringonce'],
    ['GET /v1/me?token=hunter2&name=Ada failed', 'GET /v1/me?[redacted] failed'],
    ['https://vendor.example/call?key=hunter2', 'https://vendor.example/call?[redacted]'],
    ['authorization: Bearer hunter2hunter2', 'authorization: Bearer [redacted]'],
    ['Basic dXNlcjpodW50ZXIy', 'Basic [redacted]'],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'token [redacted]'],
    ['Invalid API Key: sk_live_hunter2hunter2', 'Invalid API Key: sk_[redacted]'],
    ['Ada Lovelace <ada.lovelace+calls@mail.example.com>', 'Ada Lovelace <[address]>'],
    ['email=ada%40example.com to %2B12025550147', 'email=[address] to [number]'],
    ['no such user: ada@bücher.example.', 'no such user: [address].'],
    ['whsec_hunter2hunter2 and key_hunter2hunter2', 'whsec_[redacted] and key_[redacted]'],
  ])('takes out of "%s" what is nobody’s business', (text, told) => {
    expect(redact(text)).toBe(told);
  });

  it.each([
    'bb3a14ee-dcbf-46e7-8d45-2e165e6b16f6',
    '2026-11-23T08:09:50.622+01:00',
    'call_5f824c92264f436c8a156e89091',
    'sub_1QabcdefghijklmnopqRstuv of customer cus_1234567890abcd',
    'at file:///srv/ringonce/dist/src/main.js:12:5',
    'insert into call_queue (a) values ($1) where b = $2',
    'Did you forget it? Yes: 1 + 1 = 2',
    'at /srv/node_modules/.pnpm/@nestjs+core@12.0.1/node_modules/@nestjs/core/index.js:1:1',
    'ringonce@1.0.0-beta.2',
  ])('leaves "%s" as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('tells of a document only how it begins', () => {
    const text = redact(`${'word '.repeat(10_000)}+12025550147`);
    expect(text.length).toBeLessThan(10_000);
    expect(text).toMatch(/^word word .* …$/);
  });
});

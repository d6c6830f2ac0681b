import { createHmac } from 'node:crypto';
import { symmetric } from 'retell-sdk/lib/webhook_auth';
import { RetellCallProvider } from './retell-call-provider';
import { isSigned } from './webhook-signature';

const NOW = Date.parse('2026-11-22T10:15:42.500Z');
const WINDOW_MS = 300_000;
const KEY = 'key_1';
const BODY = Buffer.from('{"event":"call_ended","text":"Zoë 🙂"}');

/** As Retell's own library signs. */
const sign = (moment = NOW, key = KEY, body = BODY) => symmetric.sign(body.toString(), key, moment);
const isAccepted = (header: string | undefined, body: Uint8Array = BODY, key = KEY) =>
  isSigned(header, body, { key, now: NOW });

describe('a signature', () => {
  it("is accepted when Retell's own library made it, again and again", async () => {
    const header = await sign();
    expect(isAccepted(header)).toBe(true);
    expect(isAccepted(header)).toBe(true);
    expect(isAccepted(header.replace(/d=.*/, (signature) => `d=${signature.slice(2).toUpperCase()}`))).toBe(true);
  });

  it.each([0, 1, WINDOW_MS - 1, WINDOW_MS, -1, -WINDOW_MS])('is accepted %d ms from now', async (offset) => {
    expect(isAccepted(await sign(NOW + offset))).toBe(true);
  });

  it.each([WINDOW_MS + 1, -WINDOW_MS - 1, 86_400_000, -NOW + 1])('is refused %d ms from now', async (offset) => {
    expect(isAccepted(await sign(NOW + offset))).toBe(false);
  });

  it('is refused for another key, another body and another moment', async () => {
    expect(isAccepted(await sign(NOW, 'key_2'))).toBe(false);
    expect(isAccepted(await sign(), Buffer.from('{"event":"call_ended"}'))).toBe(false);
    const moved = (await sign()).replace(String(NOW), String(NOW + 1));
    expect(isAccepted(moved)).toBe(false);
  });

  const odd: readonly (readonly [string, (header: string, signature: string) => string | undefined])[] = [
    ['no header', () => undefined],
    ['an empty one', () => ''],
    ['a space in front', (header) => ` ${header}`],
    ['a line break behind', (header) => `${header}\n`],
    ['another part behind', (header) => `${header},d=00`],
    ['the header twice', (header) => `${header}, ${header}`],
    ['a space within', (header) => header.replace(',', ', ')],
    ['the parts the other way round', (header) => header.split(',').reverse().join(',')],
    ['only the moment', () => `v=${NOW}`],
    ['only the signature', (_, signature) => `d=${signature}`],
    ['an empty signature', () => `v=${NOW},d=`],
    ['a signature that is cut', (header) => header.slice(0, -2)],
    ['a signature that is too long', (header) => `${header}00`],
    ['a signature that is not hexadecimal', () => `v=${NOW},d=${'g'.repeat(64)}`],
    ['a moment with a zero in front', (header) => header.replace('v=', 'v=0')],
    ['a negative moment', (header) => header.replace('v=', 'v=-')],
    ['a moment with a fraction', (header) => header.replace(',', '.0,')],
    ['a moment without end', (header) => header.replace(String(NOW), '9'.repeat(400))],
    ['a moment that is no number', (header) => header.replace(String(NOW), 'NaN')],
    ['the names in capitals', (header) => header.replace('v=', 'V=')],
  ];
  it.each(odd)('is refused with %s', async (_what, change) => {
    const header = await sign();
    expect(isAccepted(change(header, header.split('d=')[1]!))).toBe(false);
  });

  it('is never accepted by an account without a key', () => {
    const signature = createHmac('sha256', '').update(BODY).update(String(NOW)).digest('hex');
    expect(isAccepted(`v=${NOW},d=${signature}`, BODY, '')).toBe(false);
  });
});

describe('a webhook is authentic', () => {
  const connect = (webhookSecret?: string) =>
    new RetellCallProvider({ credentials: { apiKey: KEY, webhookSecret }, baseUrl: undefined });
  const headersWith = async (key: string) => ({ 'x-retell-signature': await sign(Date.now(), key) });

  it('with the API key while the account has no other', async () => {
    const headers = await headersWith(KEY);
    expect(connect().authenticateWebhook(headers, BODY)).toBe(true);
    expect(connect('').authenticateWebhook(headers, BODY)).toBe(true);
    expect(connect('other').authenticateWebhook(headers, BODY)).toBe(false);
  });

  it('with the webhook secret where one is given', async () => {
    const headers = await headersWith('other');
    expect(connect('other').authenticateWebhook(headers, BODY)).toBe(true);
    expect(connect().authenticateWebhook(headers, BODY)).toBe(false);
  });

  it('by the clock of the moment', async () => {
    const headers = { 'x-retell-signature': await sign(Date.now() - WINDOW_MS - 1_000) };
    expect(connect().authenticateWebhook(headers, BODY)).toBe(false);
    expect(connect().authenticateWebhook({}, BODY)).toBe(false);
  });
});

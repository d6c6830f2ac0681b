import { VapiCallProvider } from './vapi-call-provider';

const connect = (webhookSecret?: string) =>
  new VapiCallProvider({ credentials: { apiKey: 'key', webhookSecret }, baseUrl: undefined });

describe('a webhook is authentic', () => {
  const provider = connect('hook-secret');

  it.each([
    [{ 'x-vapi-secret': 'hook-secret' }, true],
    [{ authorization: 'Bearer hook-secret' }, true],
    [{ 'x-vapi-secret': 'hook-secreT' }, false],
    [{ 'x-vapi-secret': '' }, false],
    [{ authorization: 'Basic hook-secret' }, false],
    [{ 'x-vapi-secret': 'key' }, false],
    [{}, false],
  ])('with %p: %p', (headers, isAuthentic) => {
    expect(provider.authenticateWebhook(headers)).toBe(isAuthentic);
  });

  it.each([undefined, ''])('never while the account has the secret %p', (secret) => {
    expect(connect(secret).authenticateWebhook({ 'x-vapi-secret': secret ?? '' })).toBe(false);
    expect(connect(secret).authenticateWebhook({ authorization: 'Bearer ' })).toBe(false);
  });
});

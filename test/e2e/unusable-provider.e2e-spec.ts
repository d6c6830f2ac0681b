import { randomBytes, randomUUID } from 'node:crypto';
import { JoseCredentialsCipher } from '../../src/modules/providers/adapters/crypto/jose-credentials-cipher';
import { type Account, API_KEY, DispatchWorld, numbers } from '../support/dispatch-world';
import { keysOf, recordEnvironment } from '../support/run-record';
import { CREDENTIALS_KEYS } from '../support/service';
import { waitFor } from '../support/wait-for';

jest.setTimeout(60_000);

const LOST_RING = `lost:${randomBytes(32).toString('base64')}`;
recordEnvironment({ CREDENTIALS_KEYS: LOST_RING });

let world: DispatchWorld;
let second: Account;
beforeEach(async () => {
  world = await DispatchWorld.start();
  second = await world.addAccount('second', 2, 10);
  world.templateId = await world.addTemplate({
    assistantId: world.account.assistantIds[0],
    fallbackAssistantIds: [second.assistantIds[0]],
  });
});
afterEach(() => world.stop());

const provider = (id: string) => `/v1/admin/providers/${id}`;

describe('a provider whose key is no longer in the ring', () => {
  beforeEach(async () => {
    const { id } = world.account;
    const lost = new JoseCredentialsCipher({ keys: keysOf(LOST_RING) });
    const encrypted = await lost.encrypt({ id, name: 'first' }, { apiKey: API_KEY });
    await world.database.query('update call_service_providers set api_credentials = $1 where id = $2', [encrypted, id]);
  });

  it('is named with its key, and leaves its calls to the others until it has credentials again', async () => {
    const [one, two] = numbers(2);
    const [id] = await world.queue([one!]);
    expect((await world.callWhen(id!, 'completed')).attempts).toMatchObject([{ providerId: second.id }]);

    for (const action of ['verify', 'import']) {
      const answer = await world.service.request('POST', `${provider(world.account.id)}/${action}`, {
        token: world.adminToken,
      });
      expect(answer).toMatchObject({ status: 503, body: { code: 'providers.credentials_unreadable' } });
      expect(answer.body.detail).toMatch(/provider first .*key "lost"/);
    }
    const { pauseReason } = await world.admin('GET', provider(world.account.id));
    expect(pauseReason).toMatch(/provider first .*key "lost"/);

    await world.admin('PATCH', provider(world.account.id), { credentials: { apiKey: API_KEY } });
    const [again] = await world.queue([two!]);
    expect((await world.callWhen(again!, 'completed')).attempts).toMatchObject([{ providerId: world.account.id }]);
  });

  it('makes its calls wait when no other may take them, and the queue tells', async () => {
    await world.admin('PATCH', provider(second.id), { isActive: false });
    await world.queue(numbers(3));
    const waiting = async () => (await world.admin('GET', '/v1/admin/queue')).waiting;
    const paused = { reason: 'provider_paused', providerId: world.account.id, calls: 3, until: expect.any(String) };
    await waitFor(async () => (await waiting())[0]?.reason !== 'next_claim', 'a claim has been tried');
    expect(await waiting()).toContainEqual(paused);
  });

  it('tells nothing of that to whoever sends a webhook', async () => {
    const answer = await world.service.request('POST', `/v1/webhooks/providers/${world.account.id}`, {
      body: { message: { type: 'status-update' } },
      headers: { 'x-vapi-secret': 'anything at all' },
    });
    expect(answer).toMatchObject({ status: 503, body: { code: 'webhooks.unavailable' } });
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(JSON.stringify(answer.body)).not.toMatch(/first|lost|CREDENTIALS/);
  });
});

it('a provider of a driver that this version does not have does not hold up the others', async () => {
  const id = randomUUID();
  const cipher = new JoseCredentialsCipher({ keys: keysOf(CREDENTIALS_KEYS) });
  const encrypted = await cipher.encrypt({ id, name: 'of tomorrow' }, { apiKey: API_KEY });
  await world.database.query(
    `insert into call_service_providers (id, name, driver, api_credentials, concurrency_limit, priority)
     values ($1, 'of tomorrow', 'pigeons', $2, 5, 1)`,
    [id, encrypted],
  );
  const [call] = await world.queue(numbers(1));
  await world.callWhen(call!, 'completed');
  expect((await world.admin('GET', provider(id))).pauseReason).toContain('no driver "pigeons"');
});

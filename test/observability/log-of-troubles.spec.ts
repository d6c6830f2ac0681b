import { randomUUID } from 'node:crypto';
import { ProviderPool } from '../../src/modules/providers/public/provider-pool.port';
import { DispatchWorld, numbers } from '../support/dispatch-world';
import { HeardLog } from '../support/heard-log';
import { waitFor } from '../support/wait-for';

/** What is met again and again is told once. */
let world: DispatchWorld;
let log: HeardLog;

beforeEach(async () => {
  world = await DispatchWorld.start();
  log = new HeardLog();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await world.stop();
});

/** A call that this service has not asked for: by somebody else who uses the account, or by a vendor that dials twice. */
async function placeBeside(to: string, attemptId: string = randomUUID()): Promise<void> {
  const { id: providerId, sandbox } = world.account;
  const pool = world.service.app.get(ProviderPool);
  const [number, assistant] = [sandbox.phoneNumbers[0]!, sandbox.assistants[0]!];
  const provider = await pool.connect(providerId);
  await provider.placeCall(
    {
      ...{ attemptId, callId: randomUUID(), providerId, to, variables: {}, maxDurationSeconds: 60 },
      from: { externalId: number.id, fullNumber: number.number! },
      assistantExternalId: assistant.id,
      webhookUrl: pool.webhookUrl(providerId),
    },
    30_000,
  );
}

const told = (event: string, times: number) =>
  waitFor(async () => log.about({ event }).length >= times, `${event} is told ${String(times)} times`);
const levelsOf = (event: string) => log.about({ event }).map(({ level }) => level);

it('a provider that reports calls of others is one warning', async () => {
  const others = numbers(2);
  for (const number of others) await placeBeside(number);
  await told('provider.stray_report', 4);
  const [first, ...further] = levelsOf('provider.stray_report');
  expect([first, new Set(further)]).toEqual(['warn', new Set(['debug'])]);
  expect(log.texts.filter((text) => others.some((number) => text.includes(number.slice(1))))).toEqual([]);
  for (const line of log.about({ event: 'provider.stray_report' }))
    expect(line).toMatchObject({
      ...{ providerId: world.account.id, providerCallId: expect.any(String), requestId: expect.any(String) },
    });
});

it('a second call of one attempt is one error, found by the request that told of it', async () => {
  const [number] = numbers(1) as [string];
  const [callId] = (await world.queue([number])) as [string];
  await world.callWhen(callId, 'completed');
  const [attempt] = await world.database.query<{ id: string; vendors: string }>(
    'select id, provider_call_id as vendors from call_attempts',
  );
  await placeBeside(number, attempt!.id);
  await told('attempt.double_suspected', 2);
  const [first, ...others] = levelsOf('attempt.double_suspected');
  expect([first, new Set(others)]).toEqual(['error', new Set(['debug'])]);
  const [line] = log.about({ event: 'attempt.double_suspected' });
  expect(line).toMatchObject({
    ...{ callId, attemptId: attempt!.id, providerCallId: attempt!.vendors, requestId: expect.any(String) },
  });
});

it('credentials that cannot be read are one error until they can, however many webhooks come', async () => {
  const { id } = world.account;
  const { service } = world;
  const send = () => service.request('POST', `/v1/webhooks/providers/${id}`, { body: { message: {} } });
  const read = async (credentials: string) => {
    await world.database.query('update call_service_providers set api_credentials = $1 where id = $2', [
      credentials,
      id,
    ]);
  };
  const [{ api_credentials: good } = { api_credentials: '' }] = await world.database.query<{ api_credentials: string }>(
    'select api_credentials from call_service_providers where id = $1',
    [id],
  );
  for (let times = 0; times < 2; times += 1) {
    await read('nothing that a key opens');
    for (let webhooks = 0; webhooks < 3; webhooks += 1) expect((await send()).status).toBe(503);
    await read(good);
    expect((await send()).status).toBe(401);
  }
  expect(levelsOf('provider.unreadable')).toEqual(['error', 'debug', 'debug', 'error', 'debug', 'debug']);
});

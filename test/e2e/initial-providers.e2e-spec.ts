import { startRetellSandbox } from '../../sandbox/retell/retell-sandbox';
import { startVapiSandbox, type VapiSandbox } from '../../sandbox/vapi/vapi-sandbox';
import { makeSecret } from '../support/run-record';
import { freePort, type Service, startService } from '../support/service';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

const API_KEY = makeSecret('sandbox-key');

let database: TestDatabase;
const running: Service[] = [];
const start = async (environment: NodeJS.ProcessEnv): Promise<Service> => {
  const service = await startService({ database, environment: { VAPI_API_KEY: API_KEY, ...environment } });
  running.push(service);
  return service;
};
const providers = () =>
  database.query<{ id: string; name: string; priority: number; limit: number }>(
    'select id, name, priority, concurrency_limit as limit from call_service_providers order by priority',
  );
const isImported = async () =>
  (await database.query('select from provider_phone_numbers')).length === 3 &&
  (await database.query('select from provider_assistants')).length === 3;
const importedProviders = async () =>
  (
    await database.query(
      `select from call_service_providers provider
        where exists (select from provider_phone_numbers where provider_id = provider.id)
          and exists (select from provider_assistants where provider_id = provider.id)`,
    )
  ).length;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
  await database.drop();
}, 60_000);

describe('the accounts that the environment names', () => {
  let sandbox: VapiSandbox | undefined;
  afterEach(() => sandbox?.stop());

  it('are registered and imported once, by however many instances', async () => {
    sandbox = await startVapiSandbox({ apiKey: API_KEY });
    const environment = { VAPI_BASE_URL: sandbox.url };
    await Promise.all([start(environment), start(environment), start(environment)]);
    await waitFor(isImported, 'numbers and assistants are imported', 20_000);
    expect(await providers()).toEqual([expect.objectContaining({ name: 'vapi', priority: 1, limit: 10 })]);
  }, 60_000);

  it('may be at several vendors, and are asked in a fixed order', async () => {
    const retellKey = makeSecret('retell-key');
    sandbox = await startVapiSandbox({ apiKey: API_KEY });
    const retell = await startRetellSandbox({ apiKey: retellKey });
    await start({ VAPI_BASE_URL: sandbox.url, RETELL_API_KEY: retellKey, RETELL_BASE_URL: retell.url });
    await waitFor(async () => (await importedProviders()) === 2, 'numbers and assistants of both are imported', 20_000);
    expect(await providers()).toEqual([
      expect.objectContaining({ name: 'vapi', priority: 1 }),
      expect.objectContaining({ name: 'retell', priority: 2 }),
    ]);
    await retell.stop();
  }, 60_000);

  it('are left to the administrator after that', async () => {
    sandbox = await startVapiSandbox({ apiKey: API_KEY });
    const environment = { VAPI_BASE_URL: sandbox.url };
    const first = await start(environment);
    await waitFor(isImported, 'numbers and assistants are imported', 20_000);
    const [provider] = await providers();
    const token = await first.token({ userId: await database.createUser(), admin: true });
    await first.request('PATCH', `/v1/admin/providers/${provider!.id}`, {
      token,
      body: { name: 'Renamed', concurrencyLimit: 3 },
    });
    await start(environment);
    expect(await providers()).toEqual([expect.objectContaining({ name: 'Renamed', limit: 3 })]);
  }, 60_000);

  it('do not keep the service from starting while their vendor is away, and are imported when it is back', async () => {
    const port = await freePort();
    const service = await start({ VAPI_BASE_URL: `http://127.0.0.1:${String(port)}` });
    expect((await service.request('GET', '/health/live')).status).toBe(200);
    await waitFor(async () => (await providers()).length === 1, 'the provider is registered', 20_000);
    expect(await isImported()).toBe(false);
    sandbox = await startVapiSandbox({ apiKey: API_KEY, port });
    await waitFor(isImported, 'numbers and assistants are imported', 30_000);
  }, 60_000);

  it('do not keep the service from starting when they are wrong', async () => {
    const service = await start({ VAPI_BASE_URL: 'http://vendor.example', NODE_ENV: 'production' });
    expect((await service.request('GET', '/health/live')).status).toBe(200);
    expect(await providers()).toEqual([]);
  }, 60_000);
});

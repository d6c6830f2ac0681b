import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { keepOutput, recordEnvironment } from '../support/run-record';
import { CREDENTIALS_KEYS, freePort, JWT_SECRET, send } from '../support/service';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { TraceCollector } from '../support/trace-collector';
import { waitFor } from '../support/wait-for';

/** From the build that `npm test` makes first. */
const MAIN = 'dist/src/main.js';
const PRELOADED = join(__dirname, 'loaded-packages.cjs');

let database: TestDatabase;
let collector: TraceCollector;
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  collector = await TraceCollector.open();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await collector.close();
  await database.drop();
});

async function run(variables: Readonly<Record<string, string>>) {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const secrets = { DATABASE_URL: database.url, SUPABASE_JWT_SECRET: JWT_SECRET, CREDENTIALS_KEYS };
  recordEnvironment(secrets);
  const env = { NODE_ENV: 'production', LOG_LEVEL: 'verbose', ...secrets, PORT: port, PUBLIC_URL: url, ...variables };
  const child = spawn(process.execPath, ['--require', PRELOADED, MAIN], { env });
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      keepOutput(chunk);
    });
  const closed = once(child, 'close').then(([code]) => code as number | null);
  await waitFor(() => said.includes('listens on'), 'the service listens', 30_000);
  const stop = async () => {
    child.kill('SIGTERM');
    return closed;
  };
  const loaded = (): readonly string[] =>
    (JSON.parse(/^\{"message":"loaded".*$/m.exec(said)?.[0] ?? '{}') as { packages: string[] }).packages;
  return { url, said: () => said, stop, loaded };
}

const SDK = /^(sdk-|exporter-|otlp-|resources$|core$)/;

it('without the variables nothing of the SDK is even loaded', async () => {
  const { url, stop, loaded } = await run({ OTEL_SERVICE_NAME: 'calls', OTEL_TRACES_SAMPLER: 'always_on' });
  await send(`${url}/v1/me`, 'GET');
  expect(await stop()).toBe(0);
  expect(loaded()).toContain('api');
  expect(loaded().filter((name) => SDK.test(name))).toEqual([]);
});

it('with the variables there are traces, whose last spans are handed over at the end', async () => {
  const { url, stop, loaded, said } = await run({
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-team=calls',
    OTEL_BSP_SCHEDULE_DELAY: '3600000',
  });
  await send(`${url}/v1/me`, 'GET');
  await waitFor(() => said().includes('GET /v1/me 401'), 'the request is logged');
  expect(await stop()).toBe(0);
  expect(loaded().filter((name) => SDK.test(name)).length).toBeGreaterThan(0);
  const [span] = collector.named('GET /v1/me');
  expect(span).toMatchObject({ kind: 2, attributes: { 'http.response.status_code': 401 } });
  expect(collector.received).toContain('"x-team":"calls"');
  const line = JSON.parse(/^\{.*GET \/v1\/me 401.*$/m.exec(said())?.[0] ?? '{}') as unknown;
  expect(line).toMatchObject({ trace_id: span?.traceId, span_id: span?.spanId });
});

it('a collector that is not there is told of once, and holds up no end', async () => {
  const { url, stop, said } = await run({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String(await freePort())}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '300',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
  const complaint = /The collector does not take traces/g;
  await waitFor(async () => {
    await send(`${url}/v1/me`, 'GET');
    return complaint.test(said());
  }, 'the service says so');
  await send(`${url}/v1/me`, 'GET');
  expect(await stop()).toBe(0);
  expect(said().match(complaint)).toHaveLength(1);
});

it('a collector that never answers holds up no end', async () => {
  collector.behaviour = 'hangs';
  const { url, stop, said } = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  await send(`${url}/v1/me`, 'GET');
  expect(await stop()).toBe(0);
  expect(said()).not.toContain('Stopping takes too long');
});

it('what cannot be followed is told by its variable, and the service starts without traces', async () => {
  const { stop, said } = await run({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
  expect(await stop()).toBe(0);
  expect(said()).toContain('OTEL_EXPORTER_OTLP_PROTOCOL: only http/protobuf and http/json are supported');
  for (const line of said().trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ message: expect.any(String) });
});

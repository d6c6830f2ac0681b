import { connect } from 'node:net';
import { ProbeModule } from '../support/probe.module';
import { type Answer, freePort, type RequestOptions, type Service, startService } from '../support/service';

let service: Service;
let token: string;

beforeAll(async () => {
  service = await startService({ additions: [ProbeModule] });
  token = await service.token({ userId: await service.database.createUser() });
});
afterAll(() => service.stop());

const ask = (method: string, path: string, options?: RequestOptions) => service.request(method, path, options);

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.body).toMatchObject({ status, code });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
  expect(Object.keys(answer.body).sort()).toEqual(
    ['type', 'title', 'status', 'detail', 'code', 'requestId', ...(answer.body.errors ? ['errors'] : [])].sort(),
  );
}

const json = { 'content-type': 'application/json' };
const post = (body: unknown, headers?: Record<string, string>): readonly [string, string, RequestOptions] => [
  'POST',
  '/v1/probe/echo',
  { body, ...(headers && { headers }) },
];

describe('a refusal is a problem', () => {
  it.each<[string, number, string, readonly [string, string, RequestOptions?]]>([
    ['an unknown route', 404, 'request.not_found', ['GET', '/v1/nowhere']],
    ['an unknown root', 404, 'request.not_found', ['GET', '/']],
    ['a method that the route lacks', 404, 'request.not_found', ['DELETE', '/v1/probe/public']],
    ['a path that cannot be decoded', 400, 'request.invalid', ['GET', '/v1/probe/things/%zz']],
    ['a parameter of enormous length', 414, 'request.uri_too_long', ['GET', `/v1/probe/things/${'x'.repeat(200)}`]],
    ['an id that is no UUID', 400, 'request.invalid', ['GET', '/v1/probe/things/17']],
    ['an unknown query parameter', 400, 'request.invalid', ['GET', '/v1/probe/list?page=2']],
    ['a limit of 0', 400, 'request.invalid', ['GET', '/v1/probe/list?limit=0']],
    ['a limit of 201', 400, 'request.invalid', ['GET', '/v1/probe/list?limit=201']],
    ['a limit given twice', 400, 'request.invalid', ['GET', '/v1/probe/list?limit=1&limit=2']],
    ['no body', 400, 'request.invalid', ['POST', '/v1/probe/echo']],
    ['an empty body', 400, 'request.invalid', post('', json)],
    ['broken JSON', 400, 'request.invalid', post('{"text":', json)],
    ['a poisoned prototype', 400, 'request.invalid', post('{"text":"a","__proto__":{"admin":true}}', json)],
    ['a poisoned constructor', 400, 'request.invalid', post('{"text":"a","constructor":{"prototype":{}}}', json)],
    ['an array for an object', 400, 'request.invalid', post([])],
    ['a property of the wrong type', 400, 'request.invalid', post({ text: 5 })],
    ['an unknown property', 400, 'request.invalid', post({ text: 'a', colour: 'red' })],
    ['plain text', 415, 'request.unsupported_media_type', post('text=a', { 'content-type': 'text/plain' })],
    [
      'a form',
      415,
      'request.unsupported_media_type',
      post('text=a', { 'content-type': 'application/x-www-form-urlencoded' }),
    ],
    ['a body over 1 MB', 413, 'request.too_large', post({ text: 'x'.repeat(1_048_576) })],
    ['a bug', 500, 'request.internal', ['GET', '/v1/probe/bug']],
  ])('%s: %i %s', async (_, status, code, [method, path, options]) => {
    expectProblem(await ask(method, path, options), status, code);
  });

  it.each([
    ['invalid', 400],
    ['unauthenticated', 401],
    ['quota-exceeded', 402],
    ['forbidden', 403],
    ['not-found', 404],
    ['conflict', 409],
    ['unprocessable', 422],
    ['rate-limited', 429],
    ['unavailable', 503],
  ])('an error of kind %s: %i', async (kind, status) => {
    const answer = await ask('POST', '/v1/probe/refuse', { body: { kind } });
    expectProblem(answer, status, `probe.${kind}`);
    expect(answer.headers.has('retry-after')).toBe(status === 429 || status === 503);
  });

  it('names every offending part', async () => {
    const answer = await ask(...post({ text: '', tags: ['a', 5], colour: 'red', size: 1 }));
    const paths = answer.body.errors.map((error: { path: string }) => error.path);
    expect(paths.sort()).toEqual(['colour', 'size', 'tags.1', 'text']);
  });

  it('names the parameter', async () => {
    expect((await ask('GET', '/v1/probe/things/17')).body.errors).toEqual([
      { path: 'id', message: expect.any(String) },
    ]);
  });

  it('says nothing about a bug', async () => {
    const answer = await ask('GET', '/v1/probe/bug');
    expect(JSON.stringify(answer.body)).not.toMatch(/hunter2|probe|\.ts/);
  });

  it('reads a webhook without the names that lead to a prototype, and keeps its bytes as they came', async () => {
    const body =
      '{ "a": [{"__proto__": {"admin": true}, "b": 1}], "constructor": {"prototype": {}}, "c": "__proto__" }';
    const answer = await ask('POST', '/v1/webhooks/probe/echo', { body, headers: json });
    expect(answer).toMatchObject({ status: 200, body: { rawBody: body } });
    expect(answer.body.body).toEqual({ a: [{ b: 1 }], c: '__proto__' });
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('answers what is no HTTP', async () => {
    const text = await talk('NONSENSE\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(text).toContain('"code":"request.invalid"');
  });
});

describe('x-request-id', () => {
  it('is on every answer, and new each time', async () => {
    const ids = await Promise.all(
      ['/health/live', '/v1/me', '/v1/probe/public'].map(async (path) =>
        (await ask('GET', path)).headers.get('x-request-id'),
      ),
    );
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['order-17.a:b_c', true],
    ['x'.repeat(129), false],
    ['<script>', false],
    ['two words', false],
  ])('takes over %s: %s', async (id, isTaken) => {
    const answer = await ask('GET', '/v1/probe/public', { headers: { 'x-request-id': id } });
    expect(answer.headers.get('x-request-id') === id).toBe(isTaken);
  });
});

describe('what is let through', () => {
  it('hands on what the schema makes of a query', async () => {
    expect((await ask('GET', '/v1/probe/list?limit=7')).body).toEqual({ limit: 7 });
    expect((await ask('GET', '/v1/probe/list')).body).toEqual({ limit: 50 });
  });

  it('takes webhooks of up to 5 MB', async () => {
    const large = await ask('POST', '/v1/webhooks/probe', { body: { text: 'x'.repeat(4_900_000) } });
    expect(large).toMatchObject({ status: 200, body: { length: 4_900_000 } });
    expectProblem(
      await ask('POST', '/v1/webhooks/probe', { body: { text: 'x'.repeat(5_300_000) } }),
      413,
      'request.too_large',
    );
  });

  it('carries security headers and keeps answers out of caches', async () => {
    const { headers } = await ask('GET', '/v1/me', { token });
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.has('x-powered-by')).toBe(false);
  });
});

describe('operations', () => {
  it('is alive and ready', async () => {
    expect(await ask('GET', '/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await ask('GET', '/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ok', checks: { database: 'ok', migrations: 'ok' } },
    });
  });

  it('measures requests by route template', async () => {
    await ask('GET', '/v1/probe/things/7b1a3c52-0d64-4f8e-9c8e-2f6f5d0f1a11');
    const answer = await ask('GET', '/metrics');
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(answer.body).toContain('process_cpu_user_seconds_total');
    expect(answer.body).toMatch(
      /http_request_duration_seconds_count\{method="GET",route="\/v1\/probe\/things\/:id",status="200"\} [1-9]/,
    );
    expect(answer.body).not.toContain('7b1a3c52');
  });

  it('shows its documentation', async () => {
    const page = await ask('GET', '/docs');
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('swagger-ui') });
    expect((await ask('GET', '/docs/swagger-ui-bundle.js')).status).toBe(200);
    expect((await ask('GET', '/openapi.json')).body).toMatchObject({
      openapi: expect.any(String),
      paths: { '/v1/me': {} },
    });
  });
});

describe('without a database', () => {
  let lonely: Service;

  beforeAll(async () => {
    const nowhere = `postgresql://nobody@127.0.0.1:${String(await freePort())}/nothing`;
    lonely = await startService({ environment: { DATABASE_URL: nowhere }, database: service.database });
  });
  afterAll(() => lonely.stop());

  it('says so, and when to come back', async () => {
    const answer = await lonely.request('GET', '/v1/me', { token });
    expectProblem(answer, 503, 'request.database_unavailable');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is alive but not ready', async () => {
    expect((await lonely.request('GET', '/health/live')).status).toBe(200);
    expect(await lonely.request('GET', '/health/ready')).toMatchObject({
      status: 503,
      body: { status: 'unavailable' },
    });
  });
});

describe('pending migrations', () => {
  it('keep the service from being ready', async () => {
    const behind = await startService();
    await behind.database.query('delete from drizzle.__drizzle_migrations');
    expect(await behind.request('GET', '/health/ready')).toMatchObject({
      status: 503,
      body: { checks: { database: 'ok', migrations: 'failed' } },
    });
    await behind.stop();
  });
});

describe('rate limits', () => {
  let limited: Service;

  beforeAll(async () => {
    limited = await startService({ environment: { RATE_LIMIT_PER_MINUTE: '20' }, additions: [ProbeModule] });
  });
  afterAll(() => limited.stop());

  async function statuses(count: number, send: () => Promise<Answer>): Promise<number[]> {
    const answers = [];
    for (let sent = 0; sent < count; sent += 1) answers.push((await send()).status);
    return answers;
  }

  it('gives each user so many requests a minute', async () => {
    const [first, second] = await Promise.all([
      limited.token({ userId: await limited.database.createUser() }),
      limited.token({ userId: await limited.database.createUser() }),
    ]);
    expect(await statuses(20, () => limited.request('GET', '/v1/me', { token: first }))).toEqual(Array(20).fill(200));
    const refused = await limited.request('GET', '/v1/me', { token: first });
    expectProblem(refused, 429, 'request.rate_limited');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await limited.request('GET', '/v1/me', { token: second })).status).toBe(200);
  });

  it('gives an address without a valid token a tenth of it, whatever it asks for', async () => {
    expect(await statuses(3, () => limited.request('GET', '/v1/me'))).toEqual([401, 401, 429]);
    expect((await limited.request('GET', '/v1/probe/public')).status).toBe(429);
    const known = await limited.token({ userId: await limited.database.createUser() });
    expect((await limited.request('GET', '/v1/probe/public', { token: known })).status).toBe(200);
  });

  it('lets webhooks and operators through', async () => {
    expect(await statuses(25, () => limited.request('POST', '/v1/webhooks/probe', { body: {} }))).toEqual(
      Array(25).fill(200),
    );
    expect(await statuses(25, () => limited.request('GET', '/health/live'))).toEqual(Array(25).fill(200));
    expect((await limited.request('GET', '/metrics')).status).toBe(200);
  });
});

/** Sends bytes and reads until the other side closes. */
function talk(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let heard = '';
    socket.on('data', (chunk) => (heard += chunk.toString()));
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
  });
}

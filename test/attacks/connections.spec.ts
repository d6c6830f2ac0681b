import { randomUUID } from 'node:crypto';
import { DescribedApi } from '../support/described-api';
import { answerIn, RawClient, talk, type Talk } from '../support/raw-requests';
import { type Service, startService } from '../support/service';
import { waitFor } from '../support/wait-for';

const MEGABYTE = 2 ** 20;

const api = new DescribedApi();
let service: Service;
let client: RawClient;
let token: string;

beforeAll(async () => {
  service = await startService();
  client = new RawClient(service.url);
  token = await service.token({ userId: await service.database.createUser(), admin: true });
});
afterAll(async () => {
  client.close();
  await service.stop();
});
afterEach(async () => {
  // Whatever was done to it, it serves.
  const answer = await client.send({ method: 'GET', path: '/v1/me', headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
});

const head = (lines: readonly string[], method = 'POST', path = '/v1/calls'): string =>
  [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...lines, '', ''].join('\r\n');
const signed = () => [`Authorization: Bearer ${token}`, 'Content-Type: application/json'];

/** What the service says to bytes, closing afterwards or being closed. */
async function hear(...words: readonly (string | Uint8Array)[]) {
  const { socket, heard } = await talk(service.url, ...words);
  socket.end();
  return answerIn(await heard);
}

describe('what is hardly HTTP', () => {
  it.each<[string, () => readonly (string | Uint8Array)[], number]>([
    ['nonsense', () => ['\u0000\u0001\u0002\r\n\r\n'], 400],
    ['TLS', () => [Buffer.from('16030100a5010000a10303', 'hex'), '\r\n\r\n'], 400],
    ['a method that nobody knows', () => [head([], 'BREW')], 400],
    ['a version of its own', () => ['GET / HTTP/9.9\r\n\r\n'], 400],
    ['two lengths', () => [head([...signed(), 'Content-Length: 2', 'Content-Length: 3']), '{}'], 400],
    [
      'a length and chunks',
      () => [head([...signed(), 'Content-Length: 2', 'Transfer-Encoding: chunked']), '0\r\n\r\n'],
      400,
    ],
    ['a length that is none', () => [head([...signed(), 'Content-Length: -1']), '{}'], 400],
    ['chunks of no size', () => [head([...signed(), 'Transfer-Encoding: chunked']), 'zz\r\n{}\r\n0\r\n\r\n'], 400],
    ['a header without a name', () => [head([': value'])], 400],
    ['a header over two lines', () => [head(['X-Request-Id: a\r\n b: c'])], 400],
    ['a header with NUL', () => [head(['X-Request-Id: a\u0000b'])], 400],
    ['a header of 20 KB', () => [head([`X-Long: ${'x'.repeat(20_000)}`])], 431],
    ['5,000 headers', () => [head(Array.from({ length: 5_000 }, (_, index) => `X-${index}: ${index}`))], 431],
    ['a path of 20 KB', () => [head([], 'GET', `/v1/calls/${'x'.repeat(20_000)}`)], 431],
    ['a path of 8 KB', () => [head(signed(), 'GET', `/v1/calls/${'x'.repeat(8_000)}`)], 414],
  ])('%s is refused as a problem', async (_, words, status) => {
    const answer = await hear(...words());
    expect(answer.status).toBe(status);
    expect(api.complaintsAboutProblem(answer)).toEqual([]);
  });

  it.each(['TRACE', 'OPTIONS', 'PUT', 'PROPFIND', 'DELETE'])('%s of a route that lacks it is 404', async (method) => {
    const answer = await hear(head([...signed(), 'Connection: close'], method));
    expect(answer.status).toBe(404);
    expect(api.complaintsAboutProblem(answer)).toEqual([]);
  });

  it.each([
    ['/v1/../v1/admin/queue', 404],
    ['/v1//admin/queue', 404],
    ['/v1/admin%2Fqueue', 404],
    ['/V1/ADMIN/QUEUE', 404],
    ['/v1/admin/queue/', 404],
    ['/v1/admin/queue;x=1', 404],
    ['http://elsewhere.example/v1/admin/queue', 401],
    ['/v1/admin/queue%00', 404],
    ['/v1/admin/queue?x=%00', 401],
  ])('%s is no way around a token: %i', async (path, status) => {
    const answer = await hear(head(['Connection: close'], 'GET', path));
    expect(answer.status).toBe(status);
    expect(api.complaintsAboutProblem(answer)).toEqual([]);
  });
});

describe('bodies that do not arrive as announced', () => {
  const BODY = JSON.stringify({ templateId: randomUUID(), recipientNumber: '+12025550123' });

  it('cut off in the middle, they are not acted upon', async () => {
    const body = JSON.stringify({ firstName: 'Cut off' });
    const { socket, heard } = await talk(
      service.url,
      head([...signed(), `Content-Length: ${body.length + 1}`], 'PATCH', '/v1/me'),
      body,
    );
    socket.end();
    const { status } = answerIn(await heard);
    expect([0, 400]).toContain(status);
    const profiles = await service.database.query(`select from user_profiles where first_name = 'Cut off'`);
    expect(profiles).toEqual([]);
  });

  it('longer than announced, the rest is another request and no good one', async () => {
    const words = [head([...signed(), `Content-Length: ${BODY.length}`]), `${BODY}\r\nnonsense\r\n\r\n`];
    const { heard } = await talk(service.url, ...words);
    expect((await heard).match(/HTTP\/1\.1 \d{3}/g)?.at(-1)).toBe('HTTP/1.1 400');
  });

  it('compressed, they are no JSON', async () => {
    const answer = await hear(
      head([...signed(), 'Content-Encoding: gzip', 'Content-Length: 4', 'Connection: close']),
      Buffer.from([0x1f, 0x8b, 0x08, 0x00]),
    );
    expect([400, 415]).toContain(answer.status);
    expect(api.complaintsAboutProblem(answer)).toEqual([]);
  });

  it.each(['/v1/calls', '/v1/webhooks/stripe', `/v1/webhooks/providers/${randomUUID()}`])(
    'announced as enormous, they are refused by %s before they come',
    async (path) => {
      const { heard, socket } = await talk(
        service.url,
        head([...signed(), `Content-Length: ${50 * MEGABYTE}`], 'POST', path),
      );
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      await waitFor(async () => text.includes('requestId'), 'the refusal is there');
      socket.destroy();
      const answer = answerIn(await heard);
      expect(answer.status).toBe(413);
      expect(api.complaintsAboutProblem(answer)).toEqual([]);
    },
  );

  it.each([
    ['/v1/calls', 1],
    ['/v1/webhooks/stripe', 5],
    [`/v1/webhooks/providers/${randomUUID()}`, 5],
  ])('in chunks without end, they are refused by %s after %i MB', async (path, limit) => {
    const { heard, socket } = await talk(service.url, head([...signed(), 'Transfer-Encoding: chunked'], 'POST', path));
    const piece = `${(64 * 1_024).toString(16)}\r\n${' '.repeat(64 * 1_024)}\r\n`;
    let text = '';
    socket.removeAllListeners('error').on('error', () => undefined);
    socket.on('data', (chunk) => (text += chunk.toString()));
    for (let sent = 0; sent < limit * 16 + 4; sent += 1) socket.write(piece);
    await waitFor(async () => text.includes('requestId') || socket.destroyed, 'the refusal is there');
    socket.destroy();
    const answer = answerIn(await heard);
    expect(answer.status).toBe(413);
    expect(api.complaintsAboutProblem(answer)).toEqual([]);
  });
});

describe('senders that take their time', () => {
  it('keep nobody else waiting', async () => {
    const slow: Talk[] = [];
    for (let index = 0; index < 300; index += 1) {
      const words =
        index % 2 === 0 ? head([...signed(), 'Content-Length: 100000']) : 'POST /v1/calls HTTP/1.1\r\nX-Slow: ';
      slow.push(await talk(service.url, words, 'x'));
    }
    const others = await Promise.all(
      Array.from({ length: 50 }, () =>
        client.send({ method: 'GET', path: '/v1/me', headers: { authorization: `Bearer ${token}` } }),
      ),
    );
    expect(new Set(others.map(({ status }) => status))).toEqual(new Set([200]));
    expect(slow.filter(({ socket }) => socket.destroyed)).toEqual([]);
    for (const { socket } of slow) socket.destroy();
  });

  it('hold no connection to the database while their body is on its way', async () => {
    const slow: Talk[] = [];
    for (let index = 0; index < 40; index += 1) {
      slow.push(await talk(service.url, head([...signed(), 'Idempotency-Key: slow', 'Content-Length: 100']), '{"a":'));
    }
    const open = await service.database.query(
      `select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
    );
    expect(open).toEqual([]);
    for (const { socket } of slow) socket.destroy();
  });
});

describe('many requests down one connection', () => {
  it('are all answered, in order', async () => {
    const one = (id: string) => head([`X-Request-Id: ${id}`, `Authorization: Bearer ${token}`], 'GET', '/v1/me');
    const ids = Array.from({ length: 200 }, (_, index) => `pipelined-${index}`);
    const { socket, heard } = await talk(service.url, ids.map(one).join(''));
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    await waitFor(async () => text.includes('pipelined-199'), 'the last one is answered');
    socket.destroy();
    await heard;
    expect([...text.matchAll(/^x-request-id: (.*)\r$/gim)].map(([, id]) => id)).toEqual(ids);
  });
});

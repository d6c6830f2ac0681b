import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { exchange, type HttpRequest } from './exchange';

/** A server that does whatever it is told with each connection, and keeps what arrives. */
class RawServer {
  received = '';
  connections = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(onRequest: (socket: Socket) => void): Promise<RawServer> {
    const server = createTcpServer();
    const raw = new RawServer(server);
    server.on('connection', (socket) => {
      raw.connections += 1;
      raw.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        raw.received += data.toString();
        if (raw.received.endsWith('{}')) onRequest(socket);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return raw;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('exchange', () => {
  let server: RawServer;

  const post = (url: string, timeoutMs = 5_000): HttpRequest => ({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body: '{}',
    timeoutMs,
  });
  const start = async (onRequest: (socket: Socket) => void): Promise<string> => {
    server = await RawServer.start(onRequest);
    return `http://127.0.0.1:${server.port}/call`;
  };

  afterEach(() => server.stop());

  it('gives back the answer, whatever its status', async () => {
    const url = await start((socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope'));
    expect(await exchange(post(url))).toMatchObject({ kind: 'answered', status: 404, body: 'nope' });
    expect(server.received).toMatch(/content-length: 2\r\n/i);
  });

  it.each([421, 307, 503])('sends once when the answer is %d', async (status) => {
    const url = await start((socket) =>
      socket.end(`HTTP/1.1 ${status} X\r\nLocation: /call\r\nContent-Length: 0\r\n\r\n`),
    );
    expect(await exchange(post(url))).toMatchObject({ kind: 'answered', status });
    expect(server.connections).toBe(1);
  });

  it('says that nothing was sent when nobody listens', async () => {
    const url = await start(() => undefined);
    await server.stop();
    expect(await exchange(post(url))).toEqual({ kind: 'not-sent', detail: 'ECONNREFUSED' });
  });

  it('says that nothing was sent when the name does not exist', async () => {
    await start(() => undefined);
    expect(await exchange(post('http://nobody.invalid/call'))).toMatchObject({ kind: 'not-sent' });
  });

  it('sends nothing before the certificate is accepted', async () => {
    const url = await start(() => undefined);
    const result = exchange(post(url.replace('http:', 'https:'), 300));
    expect(await result).toEqual({ kind: 'not-sent', detail: 'timeout' });
    expect(server.connections).toBe(1);
    expect(server.received).not.toContain('POST');
  });

  it('says that nothing was sent when the handshake is cut', async () => {
    const url = await start(() => undefined);
    const result = exchange(post(url.replace('http:', 'https:')));
    await server.stop();
    expect(await result).toMatchObject({ kind: 'not-sent' });
  });

  it('does not know when the connection is reset after sending', async () => {
    const url = await start((socket) => void socket.resetAndDestroy());
    expect(await exchange(post(url))).toEqual({ kind: 'no-answer', cause: 'network' });
  });

  it('does not know when the connection is closed after sending', async () => {
    const url = await start((socket) => socket.end());
    expect(await exchange(post(url))).toEqual({ kind: 'no-answer', cause: 'network' });
  });

  it('does not know when no answer comes in time', async () => {
    const url = await start(() => undefined);
    expect(await exchange(post(url, 200))).toEqual({ kind: 'no-answer', cause: 'timeout' });
  });

  it('does not know when the answer breaks off', async () => {
    const url = await start((socket) => socket.end('HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"id":'));
    expect(await exchange(post(url))).toEqual({ kind: 'no-answer', cause: 'network' });
  });

  it('does not know when the answer stalls', async () => {
    const url = await start((socket) => void socket.write('HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"id":'));
    expect(await exchange(post(url, 300))).toEqual({ kind: 'no-answer', cause: 'timeout' });
  });

  it('does not know when the answer is no HTTP', async () => {
    const url = await start((socket) => socket.end('what?\r\n\r\n'));
    expect(await exchange(post(url))).toEqual({ kind: 'no-answer', cause: 'network' });
  });

  it('stops reading an answer without end', async () => {
    const megabyte = 'x'.repeat(1_000_000);
    const url = await start((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      for (let written = 0; written < 10; written += 1) socket.write(megabyte);
    });
    expect(await exchange(post(url))).toEqual({ kind: 'no-answer', cause: 'too-large' });
  });

  it('never throws, not even for headers that cannot be', async () => {
    await start(() => undefined);
    const request = { ...post('http://127.0.0.1:9/'), headers: { authorization: 'two\nlines' } };
    expect(await exchange(request)).toEqual({ kind: 'not-sent', detail: 'ERR_INVALID_CHAR' });
  });
});

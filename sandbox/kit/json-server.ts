import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const MAX_BODY_BYTES = 1_000_000;

/** A request as a stand-in sees it. `body` is undefined where there was none or it was no JSON. */
export interface JsonRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  /** The body as it came, for those who speak no JSON. */
  readonly rawBody: string;
  /** Runs the effect when the connection has done with this request, answered or not. */
  whenClosed(effect: () => void): void;
}

/** What a stand-in does with a request: answer it, cut the connection, or say nothing for ever. */
export type Reply =
  | {
      readonly status: number;
      readonly body?: unknown;
      /** Sent as it is, instead of a body. */
      readonly text?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | 'cut'
  | 'silence';

export type Handler = (request: JsonRequest) => Reply | Promise<Reply>;

/** A JSON server on loopback. `stop` ends every connection at once. */
export interface JsonServer {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Port 0 takes any free one. */
export async function startJsonServer(handler: Handler, port = 0): Promise<JsonServer> {
  const server = createServer((request, response) => {
    void serve(handler, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const actualPort = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${actualPort}`, port: actualPort, stop: () => stop(server) };
}

async function serve(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const rawBody = await readBody(request);
    send(
      await handler({
        method: request.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers as Record<string, string | undefined>,
        body: parse(rawBody),
        rawBody,
        whenClosed: (effect) => void response.once('close', effect),
      }),
      response,
    );
  } catch (error) {
    send({ status: 500, body: { message: String(error), statusCode: 500 } }, response);
  }
}

function send(reply: Reply, response: ServerResponse): void {
  if (reply === 'silence') return;
  if (reply === 'cut') {
    response.socket?.resetAndDestroy();
    return;
  }
  const body = reply.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body));
  response.writeHead(reply.status, { 'content-type': 'application/json; charset=utf-8', ...reply.headers });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('request entity too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

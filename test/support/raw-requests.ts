import { Agent, request as send } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { JudgedAnswer } from './described-api';

/** A request as it goes over the wire, path and all; nothing of it is recorded as a secret. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends requests over connections that stay open. */
export class RawClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 16 });
  sent = 0;

  constructor(private readonly url: string) {}

  async send(raw: RawRequest): Promise<JudgedAnswer> {
    this.sent += 1;
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(this.url);
      const { method, path, body, headers } = raw;
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const options = { hostname, port, method, path, headers: { ...headers, ...length }, agent: this.agent };
      const outgoing = send(options, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            contentType: incoming.headers['content-type'] ?? '',
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Text in a path or a query; halves of surrogate pairs go out as the bytes that a careless client would send. */
export function percentEncoded(text: string): string {
  return [...text]
    .map((character) =>
      /^\p{Surrogate}$/u.test(character) ? '%ed%a0%80' : encodeURIComponent(character).replaceAll("'", '%27'),
    )
    .join('');
}

/** What of a text a header can carry. */
export function headerSafe(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 4_000);
}

/** A conversation by hand: what is sent, and all that is heard until the other side closes. */
export interface Talk {
  readonly socket: Socket;
  /** Everything, once the connection is closed, however it ended. */
  readonly heard: Promise<string>;
}

/** Opens a connection and says the first words. */
export function talk(url: string, ...words: readonly (string | Uint8Array)[]): Promise<Talk> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    const heard = new Promise<string>((finish) => socket.on('close', () => finish(text)));
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    // A reset is one way to refuse; what was heard before it counts.
    socket.on('error', reject);
    socket.on('connect', () => {
      for (const part of words) socket.write(part);
      resolve({ socket, heard });
    });
  });
}

/** The first answer in what was heard. */
export function answerIn(heard: string): JudgedAnswer {
  const [head = '', ...rest] = heard.split('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  return { status, contentType: /^content-type: (.*)$/im.exec(head)?.[1]?.trim() ?? '', text: rest.join('\r\n\r\n') };
}

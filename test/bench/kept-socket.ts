import { connect, type Socket } from 'node:net';

const HEADERS_END = '\r\n\r\n';

/**
 * A connection that carries one HTTP exchange after the other, and reads no more of an answer than its status and where
 * it ends. A real client would cost the machine more than the answer is worth here.
 */
export class KeptSocket {
  isClosed = false;
  private readonly socket: Socket;
  private heard = '';
  private answered: ((status: number | undefined) => void) | undefined;

  constructor(host: string) {
    const { hostname, port } = new URL(`http://${host}`);
    this.socket = connect(Number(port), hostname);
    this.socket.setNoDelay(true).setEncoding('latin1');
    this.socket.on('data', (chunk: string) => this.hear(chunk));
    this.socket.on('error', () => this.socket.destroy());
    this.socket.on('close', () => {
      this.isClosed = true;
      this.finish(undefined);
    });
  }

  /** One at a time. @returns the status; undefined when the connection ended before the answer did */
  exchange(request: string): Promise<number | undefined> {
    if (this.isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.answered = resolve;
      this.socket.write(request, 'utf8');
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private hear(chunk: string): void {
    this.heard += chunk;
    const end = this.heard.indexOf(HEADERS_END);
    if (end < 0) return;
    const head = this.heard.slice(0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.heard.length < end + HEADERS_END.length + length) return;
    this.heard = '';
    if (/\r\nconnection: close/i.test(head)) this.close();
    this.finish(Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)));
  }

  private finish(status: number | undefined): void {
    const { answered } = this;
    this.answered = undefined;
    answered?.(status);
  }
}

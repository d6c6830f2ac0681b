import { setTimeout as delay } from 'node:timers/promises';
import { KeptSocket } from './kept-socket';
import type { LeanCall } from './vendor-call';

/** As many webhooks at once as the vendor sends to one instance; the others wait their turn. */
const CONNECTIONS = 200;
/** What Vapi is told with each call: ten retries, the first after two seconds. */
const RETRIES = 10;
const FIRST_RETRY_MS = 2_000;

/** Sends webhooks: those of one call one after the other, each until it is taken. */
export class WebhookLine {
  repeated = 0;
  private readonly targets = new Map<string, Target>();
  private fronts: readonly string[] = [];
  private next = 0;

  setFronts(urls: readonly string[]): void {
    this.fronts = urls.map((url) => new URL(url).host);
    for (const target of this.targets.values()) target.close();
    this.targets.clear();
  }

  /** Resolves when it was taken, or given up. */
  tell(call: LeanCall, body: string): Promise<void> {
    const { url, headers } = call;
    if (url !== '') call.told = call.told.then(() => this.send(url, headers, body));
    return call.told;
  }

  private async send(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<void> {
    const { host, pathname } = new URL(url);
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const text =
      `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n${fields.join('')}` +
      `content-length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`;
    for (let retry = 0; retry <= RETRIES; retry += 1) {
      if (await this.through(host).post(text)) return;
      this.repeated += 1;
      await delay(FIRST_RETRY_MS * 2 ** retry);
    }
  }

  private through(host: string): Target {
    this.next += 1;
    const front = this.fronts[this.next % Math.max(this.fronts.length, 1)] ?? host;
    const known = this.targets.get(front);
    if (known) return known;
    const target = new Target(front);
    this.targets.set(front, target);
    return target;
  }
}

/** The connections to one instance. */
class Target {
  private readonly idle: KeptSocket[] = [];
  private readonly waiting: ((socket: KeptSocket) => void)[] = [];
  private readonly all = new Set<KeptSocket>();

  constructor(private readonly host: string) {}

  /** @returns whether it was taken */
  async post(text: string): Promise<boolean> {
    const socket = await this.borrow();
    const status = await socket.exchange(text);
    const waiting = this.waiting.shift();
    const usable = socket.isClosed ? this.renewed(socket) : socket;
    if (waiting) waiting(usable);
    else this.idle.push(usable);
    return status !== undefined && status < 300;
  }

  close(): void {
    for (const socket of this.all) socket.close();
  }

  private borrow(): Promise<KeptSocket> {
    const socket = this.idle.pop();
    if (socket) return Promise.resolve(socket.isClosed ? this.renewed(socket) : socket);
    if (this.all.size < CONNECTIONS) return Promise.resolve(this.opened());
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private renewed(closed: KeptSocket): KeptSocket {
    this.all.delete(closed);
    return this.opened();
  }

  private opened(): KeptSocket {
    const socket = new KeptSocket(this.host);
    this.all.add(socket);
    return socket;
  }
}

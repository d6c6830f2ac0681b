import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveParent } from '../support/child-process';
import { now } from './clock';
import { Milestones } from './milestones';
import type { Lengths, VendorCall, VendorCounts } from './vendor';
import { LeanCall, type PlacementBody } from './vendor-call';
import { WebhookLine } from './vendor-webhooks';

const LINES = Array.from({ length: 3 }, (_, index) => ({
  id: `7d4a2f10-0000-4000-8000-00000000000${String(index + 1)}`,
  provider: 'twilio',
  number: `+1202555010${String(index + 1)}`,
  name: `Line ${String(index + 1)}`,
  status: 'active',
}));
const ASSISTANTS = [{ id: 'a55157a0-0000-4000-8000-000000000001', name: 'Reminder' }];
const LISTS: Readonly<Record<string, unknown>> = { '/phone-number': LINES, '/assistant': ASSISTANTS, '/call': [] };

/** The lean stand-in for Vapi: POST /call, reads, webhooks; no faults, no journal, no checks but the key. */
class LeanVendor {
  private readonly server = createServer((request, response) => this.serve(request, response));
  private readonly webhooks = new WebhookLine();
  private lengths: Lengths = { kind: 'at-once' };
  private apiKey = '';
  private calls = new Map<string, LeanCall>();
  private posts = new Milestones();
  private done = new Milestones();
  private live = 0;
  private mostLive = 0;
  private processorMsBefore = 0;

  readonly duties = {
    start: async (apiKey: string): Promise<string> => {
      this.apiKey = apiKey;
      // Longer than any pause of a bench: a kept connection that ends under a request would be an error.
      this.server.keepAliveTimeout = 600_000;
      this.server.listen(0, '127.0.0.1');
      await once(this.server, 'listening');
      return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
    },
    setLengths: async (lengths: Lengths) => void (this.lengths = lengths),
    setFronts: async (urls: readonly string[]) => this.webhooks.setFronts(urls),
    reset: async () => {
      this.calls = new Map();
      this.posts = new Milestones();
      this.done = new Milestones();
      this.webhooks.repeated = 0;
      this.mostLive = this.live;
      this.processorMsBefore = this.processorMs();
    },
    release: async () => {
      for (const call of this.calls.values()) this.release(call);
    },
    untilPosts: (count: number) => this.posts.until(count),
    untilDone: (count: number) => this.done.until(count),
    counts: async (): Promise<VendorCounts> => ({
      posts: this.posts.reached,
      live: this.live,
      mostLive: this.mostLive,
      done: this.done.reached,
      processorMs: this.processorMs() - this.processorMsBefore,
      repeated: this.webhooks.repeated,
    }),
    calls: async (): Promise<VendorCall[]> =>
      [...this.calls.values()].map(({ number, received, ended }) => ({ number, received, ended })),
  };

  private processorMs(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization !== `Bearer ${this.apiKey}`) answer(response, 401, { message: 'Key' });
    else if (request.method === 'GET') this.read(request.url ?? '', response);
    else this.take(request, response);
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => this.place(body, now(), response));
  }

  private place(text: string, received: number, response: ServerResponse): void {
    const call = new LeanCall(JSON.parse(text) as PlacementBody, received);
    this.calls.set(call.id, call);
    this.live += 1;
    this.mostLive = Math.max(this.mostLive, this.live);
    this.posts.add();
    answer(response, 201, call.toWire());
    response.once('finish', () => this.begin(call));
  }

  private begin(call: LeanCall): void {
    void this.webhooks.tell(call, call.inProgress());
    if (this.lengths.kind === 'at-once' || !call.hasWebhooks || call.isReleased) this.end(call);
    else if (this.lengths.kind === 'held') call.isHeld = true;
    else this.endAfter(call, this.lengths.msOf[call.number] ?? 0);
  }

  private endAfter(call: LeanCall, lengthMs: number): void {
    setTimeout(() => this.end(call), Math.max(lengthMs - (now() - call.received), 0));
  }

  /** One whose POST has come, but has not been answered, ends when it begins. */
  private release(call: LeanCall): void {
    call.isReleased = true;
    if (call.isHeld) this.end(call);
  }

  private end(call: LeanCall): void {
    call.end(now());
    this.live -= 1;
    void this.webhooks.tell(call, call.ending());
    void this.webhooks.tell(call, call.report()).then(() => {
      this.done.add();
      call.letGo();
    });
  }

  private read(url: string, response: ServerResponse): void {
    const { pathname } = new URL(url, 'http://vendor');
    const body = LISTS[pathname] ?? this.calls.get(pathname.slice('/call/'.length))?.toWire();
    answer(response, body ? 200 : 404, body ?? { message: 'Nothing there' });
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

serveParent(new LeanVendor().duties);

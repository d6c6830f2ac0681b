import { join } from 'node:path';
import type { BenchDatabase } from '../bench-database';
import type { BenchServer } from '../bench-server';
import { Child } from '../../support/child-process';
import { API_KEY, type Vendor } from '../vendor';

/** Whom the service is compared with: two queues, and the least that any queue on PostgreSQL has to do. */
export type PeerName = 'graphile-worker' | 'pg-boss' | 'bare-floor';

export interface PeerOptions {
  /** What one job carries: one call, or as many as its array mode takes. */
  readonly callsPerJob?: number;
  /** Jobs or claims at once. */
  readonly concurrency?: number;
  /** Jobs that one fetch takes. */
  readonly batchSize?: number;
  /** Also takes the three webhooks of each call, and writes each of them down. */
  readonly takesWebhooks?: boolean;
}

/** What a peer's process is started with. */
export interface PeerPlace extends PeerOptions {
  readonly databaseUrl: string;
  readonly vendorUrl: string;
  readonly apiKey: string;
}

/** Moments on the machine's clock. */
export interface Enqueued {
  readonly asked: number;
  readonly answered: number;
}

/** A peer in a process of its own, on a database of its own; its jobs send the POST that the service sends for a call. */
export class Peer {
  private constructor(
    private readonly child: Child,
    private readonly database: BenchDatabase,
  ) {}

  /** Returns when its workers wait for jobs. */
  static async start(name: PeerName, server: BenchServer, vendor: Vendor, options: PeerOptions = {}): Promise<Peer> {
    const database = await server.createDatabase();
    const peer = new Peer(Child.start(join(__dirname, `${name}.ts`)), database);
    const place = { databaseUrl: database.superuserUrl, vendorUrl: vendor.url, apiKey: API_KEY, ...options };
    await peer.child.ask('start', place satisfies PeerPlace);
    return peer;
  }

  /** Puts so many calls into its queue at once. @returns the moment at which the commit was answered */
  enqueue(count: number): Promise<number> {
    return this.child.ask('enqueue', count);
  }

  /** Puts one call into its queue. */
  enqueueOne(): Promise<Enqueued> {
    return this.child.ask('enqueueOne');
  }

  /** @returns the moment at which so many calls, counted from the start, were sent and written down as done */
  untilDone(count: number): Promise<number> {
    return this.child.ask('untilDone', count);
  }

  async stop(): Promise<void> {
    await this.child.stop();
    await this.database.drop();
  }
}

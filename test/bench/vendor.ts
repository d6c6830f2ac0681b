import { join } from 'node:path';
import { Child } from '../support/child-process';

export const API_KEY = 'key-of-the-bench';

/** One call as the vendor lived through it; moments on the machine's clock, `ended` NaN while it lives. */
export interface VendorCall {
  readonly number: string;
  readonly received: number;
  readonly ended: number;
}

/** How long the vendor's calls last, from the receipt of the POST to their end. */
export type Lengths =
  | { readonly kind: 'at-once' }
  /** Until `release()`. */
  | { readonly kind: 'held' }
  /** By the recipient's number. */
  | { readonly kind: 'drawn'; readonly msOf: Readonly<Record<string, number>> };

export interface VendorCounts {
  readonly posts: number;
  readonly live: number;
  readonly mostLive: number;
  /** Calls whose every webhook was taken. */
  readonly done: number;
  /** Processor time of the vendor's own process since the reset, in ms. */
  readonly processorMs: number;
  /** Webhooks that were answered with anything but 2xx, or not at all, and were sent again. */
  readonly repeated: number;
}

/**
 * A vendor in a process of its own. It speaks as much of Vapi as placing calls needs, and is leaner than the product's
 * stand-in, because it shares the machine with what is measured: every side of a comparison posts to this one.
 */
export class Vendor {
  url = '';

  private constructor(private readonly child: Child) {}

  static async start(): Promise<Vendor> {
    const vendor = new Vendor(Child.start(join(__dirname, 'vendor-process.ts')));
    vendor.url = await vendor.child.ask<string>('start', API_KEY);
    return vendor;
  }

  /** For the calls that are placed from now on; `at-once` before that. */
  async setLengths(lengths: Lengths): Promise<void> {
    await this.child.ask('setLengths', lengths);
  }

  /** Webhooks go to these instances in turns, as through a load balancer; to the URL of the call where there are none. */
  async setFronts(urls: readonly string[]): Promise<void> {
    await this.child.ask('setFronts', urls);
  }

  /** Forgets every call, and what was counted. */
  async reset(): Promise<void> {
    await this.child.ask('reset');
  }

  /** Ends the held calls. */
  async release(): Promise<void> {
    await this.child.ask('release');
  }

  /** @returns the moment at which the POST of this number, counted since the reset, had been received */
  untilPosts(count: number): Promise<number> {
    return this.child.ask('untilPosts', count);
  }

  /** @returns the moment at which the last webhook of so many calls had been taken: by then they are settled */
  untilDone(count: number): Promise<number> {
    return this.child.ask('untilDone', count);
  }

  counts(): Promise<VendorCounts> {
    return this.child.ask('counts');
  }

  calls(): Promise<readonly VendorCall[]> {
    return this.child.ask('calls');
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}

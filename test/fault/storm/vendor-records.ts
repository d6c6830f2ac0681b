import type { Order } from '../../../sandbox/kit/faults';
import type { SentWebhook } from '../../../sandbox/kit/records';

/** What a stand-in is told to do wrong, whichever vendor it stands in for. */
export type AnyOrder = Order<{ readonly kind: string }, string>;

/** One call as the stand-in made it. */
export interface MadeCall {
  readonly id: string;
  readonly number: string;
  readonly attemptId: string;
  /** Whether the recipient's phone rang, or was about to. */
  readonly isDialed: boolean;
  readonly isConnected: boolean;
  readonly durationSeconds: number;
  /** The attempts whose calls were live when this one began. */
  readonly besides: readonly string[];
}

/** One request for a call, without what it said. */
export interface AskedFor {
  readonly number: string;
  readonly attemptId: string;
  /** Milliseconds since 1970, on a clock that never goes back. */
  readonly at: number;
  readonly callId: string | undefined;
  /** Undefined: nobody got an answer. */
  readonly answeredStatus: number | undefined;
}

/** All that a stand-in has seen and done. */
export interface VendorRecords {
  readonly posts: readonly AskedFor[];
  readonly calls: readonly MadeCall[];
  readonly webhooks: readonly Pick<SentWebhook, 'callId' | 'attempts' | 'outcome'>[];
  readonly liveCalls: number;
  readonly maxLiveCalls: number;
}

/** What a stand-in is, before it runs. */
export interface VendorOptions {
  readonly vendor: 'vapi' | 'retell';
  readonly apiKey: string;
  readonly seed: number;
  readonly speed: number;
}

/** What a stand-in's process can be asked; answers come in the order of the questions' ends. */
export interface VendorDuties {
  start(options: VendorOptions): Promise<string>;
  order(orders: readonly AnyOrder[]): Promise<void>;
  withdrawOrders(): Promise<void>;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  /** Lets every held call go on. */
  release(): Promise<void>;
  /** Webhooks that are still on their way, and calls that still live. */
  unfinished(): Promise<number>;
  records(): Promise<VendorRecords>;
}

/** One API request, whatever became of it. */
export interface ReceivedRequest {
  /** Counts up from 1 in the order of arrival. */
  readonly sequence: number;
  readonly method: string;
  readonly path: string;
  /** Decoded from the query or the body; every value is a text. */
  readonly params: unknown;
  readonly idempotencyKey: string | undefined;
  /** The `Stripe-Version` it was sent with. */
  readonly version: string | undefined;
  /** Absent while it waits, and where no answer was given. */
  answeredStatus?: number;
  /** Whether the answer was that of an earlier request with the same key. */
  replayed: boolean;
}

/** One request with its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly rawQuery: string;
  readonly rawBody: string;
  readonly status: number;
  readonly body: unknown;
}

/** One attempt to deliver an event. */
export interface Delivery {
  readonly eventId: string;
  readonly type: string;
  /** Counts up from 1 for each event. */
  readonly attempt: number;
  /** The receiver's answer; undefined where none came. */
  readonly status: number | undefined;
}

/** What the stand-in saw and did, for those who have to prove something. */
export class Records {
  requests: ReceivedRequest[] = [];
  exchanges: Exchange[] = [];
  deliveries: Delivery[] = [];
  private readonly requestListeners: ((request: ReceivedRequest) => void)[] = [];
  private readonly exchangeListeners: ((exchange: Exchange) => void)[] = [];

  arrived(request: Omit<ReceivedRequest, 'sequence' | 'replayed'>): ReceivedRequest {
    const received = { ...request, sequence: this.requests.length + 1, replayed: false };
    this.requests.push(received);
    for (const listener of this.requestListeners) listener(received);
    return received;
  }

  answered(exchange: Exchange): void {
    this.exchanges.push(exchange);
    for (const listener of this.exchangeListeners) listener(exchange);
  }

  onRequest(listener: (request: ReceivedRequest) => void): void {
    this.requestListeners.push(listener);
  }

  onExchange(listener: (exchange: Exchange) => void): void {
    this.exchangeListeners.push(listener);
  }

  clear(): void {
    this.requests = [];
    this.exchanges = [];
    this.deliveries = [];
  }
}

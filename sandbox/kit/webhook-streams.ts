import type { WebhookFault } from './faults';
import type { Records } from './records';
import type { Timers } from './timers';
import type { Message, WebhookSender, WebhookTarget } from './webhook-sender';

const LATE_MS = 1_000;

/** What one call's webhooks go to, which types of them are wanted (undefined: all), and what goes wrong with them. */
export interface Subscription {
  readonly target: WebhookTarget | undefined;
  readonly wanted: readonly unknown[] | undefined;
  readonly fault: WebhookFault | undefined;
}

/** A call's stream of messages: one after the other, as long as none has to be repeated. */
interface Stream extends Subscription {
  readonly heldBack: Message[];
  last: Promise<void>;
  readonly first: Promise<void>;
  readonly markFirst: () => void;
}

/** Sends each call's messages in their order, and goes wrong in the ways that were ordered. */
export class WebhookStreams {
  private streams = new Map<string, Stream>();

  constructor(
    private readonly sender: WebhookSender,
    private readonly timers: Timers,
    private readonly records: Records,
  ) {}

  open(callId: string, subscription: Subscription): void {
    let markFirst = (): void => undefined;
    const first = new Promise<void>((resolve) => (markFirst = resolve));
    this.streams.set(callId, {
      ...subscription,
      heldBack: [],
      last: Promise.resolve(),
      first,
      markFirst: () => markFirst(),
    });
  }

  /** Whether the first message must arrive before the POST is answered. */
  isEarly(callId: string): boolean {
    const stream = this.streams.get(callId);
    return stream?.fault?.mode === 'early' && stream.target !== undefined;
  }

  /** Resolves when the call's first message has been tried once, however it went. */
  firstTried(callId: string): Promise<void> {
    return this.streams.get(callId)?.first ?? Promise.resolve();
  }

  tell(callId: string, message: Message): void {
    const stream = this.streams.get(callId);
    if (stream === undefined || !isWanted(stream, message.type)) return;
    switch (modeFor(stream.fault, message)) {
      case 'lost':
        this.records.webhooks.push({
          callId,
          type: message.type,
          status: message.status,
          attempts: 0,
          outcome: 'lost',
        });
        return;
      case 'reordered':
        stream.heldBack.push(message);
        return;
      case 'late':
        this.timers.afterRealMs(stream.fault?.delayMs ?? LATE_MS, () => this.queue(callId, stream, message));
        return;
      case 'repeated':
        this.queue(callId, stream, message);
        this.queue(callId, stream, message);
        return;
      default:
        this.queue(callId, stream, message);
    }
  }

  /** Sends once more what a vendor may repeat at any time; whatever was ordered for the call's webhooks is over. */
  repeat(callId: string, messages: readonly Message[]): void {
    const stream = this.streams.get(callId);
    if (stream === undefined) return;
    for (const message of messages) this.queue(callId, stream, message);
  }

  /** What was held back goes out with the last one first. */
  letGo(callId: string): void {
    const stream = this.streams.get(callId);
    if (stream === undefined) return;
    for (const message of stream.heldBack.splice(0).reverse()) this.queue(callId, stream, message);
  }

  forget(): void {
    this.streams = new Map();
  }

  private queue(callId: string, stream: Stream, message: Message): void {
    const { target } = stream;
    if (target === undefined) return;
    stream.last = stream.last.then(() => this.sender.send(callId, target, message)).then(stream.markFirst);
  }
}

function isWanted({ target, wanted }: Stream, type: string): boolean {
  return target !== undefined && (wanted === undefined || wanted.includes(type));
}

function modeFor(fault: WebhookFault | undefined, message: Message): WebhookFault['mode'] | undefined {
  return fault?.only === undefined || fault.only === message.type ? fault?.mode : undefined;
}

import { randomUUID } from 'node:crypto';

/** What of POST /call the stand-in looks at. */
export interface PlacementBody {
  readonly customer: { readonly number: string };
  readonly assistantOverrides: {
    readonly server: { readonly url: string; readonly headers?: Readonly<Record<string, string>> };
  };
}

/** As if every call had been talked for so long, whatever the bench's own time. */
const TALKED_SECONDS = 42;
const TRANSCRIPT = Array.from(
  { length: 6 },
  (_, turn) => `${turn % 2 === 0 ? 'AI' : 'User'}: We meet on Tuesday at three, as agreed the other day.\n`,
).join('');
const SUMMARY = 'The assistant reminded the recipient of the appointment.';

/** One call of the lean vendor, and what is told of it in Vapi's shapes. */
export class LeanCall {
  readonly id = randomUUID();
  readonly number: string;
  ended = Number.NaN;
  isHeld = false;
  isReleased = false;
  /** The webhook before has been taken. */
  told: Promise<void> = Promise.resolve();
  private readonly createdAt = new Date();
  private endedAt: Date | undefined;
  private body: PlacementBody | undefined;
  /** The JSON of what every message carries: what was known when the call was created. */
  private carried: string | undefined;

  constructor(
    body: PlacementBody,
    /** On the machine's clock. */
    readonly received: number,
  ) {
    this.body = body;
    this.number = body.customer.number;
  }

  get hasWebhooks(): boolean {
    return this.url !== '';
  }

  get url(): string {
    return this.body?.assistantOverrides.server.url ?? '';
  }

  get headers(): Readonly<Record<string, string>> {
    return this.body?.assistantOverrides.server.headers ?? {};
  }

  end(at: number): void {
    this.isHeld = false;
    this.ended = at;
    this.endedAt = new Date();
  }

  /** Nobody asks for the details of a call that everybody knows to be over. */
  letGo(): void {
    this.body = undefined;
    this.carried = undefined;
  }

  toWire(): Readonly<Record<string, unknown>> {
    return {
      ...this.snapshot(),
      status: this.endedAt ? 'ended' : 'queued',
      ...(this.endedAt && this.outcome(this.endedAt)),
    };
  }

  inProgress(): string {
    return this.message(`"type":"status-update","status":"in-progress"`);
  }

  ending(): string {
    return this.message(`"type":"status-update","status":"ended","endedReason":"customer-ended-call"`);
  }

  report(): string {
    const outcome = JSON.stringify(this.outcome(this.endedAt ?? new Date()));
    return this.message(`"type":"end-of-call-report",${outcome.slice(1, -1)}`);
  }

  private outcome(endedAt: Date): Readonly<Record<string, unknown>> {
    return {
      endedReason: 'customer-ended-call',
      startedAt: new Date(endedAt.getTime() - TALKED_SECONDS * 1000).toISOString(),
      endedAt: endedAt.toISOString(),
      durationSeconds: TALKED_SECONDS,
      cost: 0.0448,
      costs: [{ type: 'vapi', subType: 'normal', minutes: TALKED_SECONDS / 60, cost: 0.0448 }],
      analysis: { summary: SUMMARY, successEvaluation: 'true' },
      artifact: { messages: [], transcript: TRANSCRIPT, recordingUrl: `https://files.example/${this.id}.wav` },
    };
  }

  /** @param members of the message's JSON, beside those that every message has */
  private message(members: string): string {
    this.carried ??= JSON.stringify({ call: { ...this.snapshot(), status: 'ringing' }, customer: this.body?.customer });
    return `{"message":{"timestamp":${String(Date.now())},${members},${this.carried.slice(1, -1)}}}`;
  }

  private snapshot(): Readonly<Record<string, unknown>> {
    const createdAt = this.createdAt.toISOString();
    return {
      id: this.id,
      orgId: '0b5f0c1e-6f0c-4f6e-9d3e-5a4f6f1a0001',
      type: 'outboundPhoneCall',
      createdAt,
      updatedAt: createdAt,
      status: 'queued',
      ...this.body,
    };
  }
}

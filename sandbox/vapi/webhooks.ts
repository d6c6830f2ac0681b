import type { Timers } from '../kit/timers';
import type { WebhookFault } from './faults';
import { ORGANIZATION_ID } from './defaults';
import type { Records } from './records';
import type { SandboxCall } from './sandbox-call';
import { targetOf, type WebhookSender, type WebhookTarget } from './webhook-sender';

type Message = Record<string, unknown>;

const REPORT_AFTER_SECONDS = 2;
const LATE_MS = 1_000;

/** A call's stream of messages: one after the other, as long as none has to be repeated. */
interface Stream {
  readonly target: WebhookTarget | undefined;
  readonly fault: WebhookFault | undefined;
  readonly wanted: readonly unknown[] | undefined;
  readonly heldBack: Message[];
  last: Promise<void>;
  readonly first: Promise<void>;
  readonly markFirst: () => void;
}

/** Tells the world about calls, in Vapi's shapes, and goes wrong in the ways that were ordered. */
export class Webhooks {
  private streams = new Map<SandboxCall, Stream>();

  constructor(
    private readonly sender: WebhookSender,
    private readonly timers: Timers,
    private readonly records: Records,
  ) {}

  open(call: SandboxCall, fault: WebhookFault | undefined): void {
    const wanted = call.overrides.serverMessages;
    let markFirst = (): void => undefined;
    const first = new Promise<void>((resolve) => (markFirst = resolve));
    this.streams.set(call, {
      target: targetOf(call),
      fault,
      wanted: Array.isArray(wanted) ? wanted : undefined,
      heldBack: [],
      last: Promise.resolve(),
      first,
      markFirst: () => markFirst(),
    });
  }

  /** Whether the first message must arrive before the POST is answered. */
  isEarly(call: SandboxCall): boolean {
    const stream = this.streams.get(call);
    return stream?.fault?.mode === 'early' && stream.target !== undefined;
  }

  /** Resolves when the call's first message has been tried once, however it went. */
  firstTried(call: SandboxCall): Promise<void> {
    return this.streams.get(call)?.first ?? Promise.resolve();
  }

  statusChanged(call: SandboxCall): void {
    this.tell(call, 'status-update', statusUpdate);
    if (call.isLive) return;
    this.timers.after(REPORT_AFTER_SECONDS, () => {
      this.tell(call, 'end-of-call-report', endOfCallReport);
      this.letGo(call);
    });
  }

  /** Says the end once more, as a vendor may at any time; whatever was ordered for the call's webhooks is over. */
  repeatEnd(call: SandboxCall): void {
    const stream = this.streams.get(call);
    if (call.isLive || stream === undefined) return;
    this.queue(call, stream, statusUpdate(call));
    this.queue(call, stream, endOfCallReport(call));
  }

  forget(): void {
    this.streams = new Map();
  }

  private tell(call: SandboxCall, type: string, write: (call: SandboxCall) => Message): void {
    const stream = this.streams.get(call);
    if (stream === undefined || !isWanted(stream, type)) return;
    const message = write(call);
    switch (modeFor(stream.fault, message)) {
      case 'lost':
        this.records.webhooks.push({ ...labels(call, message), attempts: 0, outcome: 'lost' });
        return;
      case 'reordered':
        stream.heldBack.push(message);
        return;
      case 'late':
        this.timers.afterRealMs(stream.fault?.delayMs ?? LATE_MS, () => this.queue(call, stream, message));
        return;
      case 'repeated':
        this.queue(call, stream, message);
        this.queue(call, stream, message);
        return;
      default:
        this.queue(call, stream, message);
    }
  }

  private queue(call: SandboxCall, stream: Stream, message: Message): void {
    const { target } = stream;
    if (target === undefined) return;
    stream.last = stream.last.then(() => this.sender.send(call, target, message)).then(stream.markFirst);
  }

  /** What was held back goes out with the last one first. */
  private letGo(call: SandboxCall): void {
    const stream = this.streams.get(call);
    if (stream === undefined) return;
    for (const message of stream.heldBack.splice(0).reverse()) this.queue(call, stream, message);
  }
}

function isWanted({ target, wanted }: Stream, type: string): boolean {
  return target !== undefined && (wanted === undefined || wanted.includes(type));
}

function modeFor(fault: WebhookFault | undefined, message: Message): WebhookFault['mode'] | undefined {
  return fault?.only === undefined || fault.only === message.type ? fault?.mode : undefined;
}

function statusUpdate(call: SandboxCall): Message {
  return {
    ...frame(call),
    type: 'status-update',
    status: call.status,
    ...(call.status === 'ended' && { endedReason: call.endedReason }),
  };
}

function endOfCallReport(call: SandboxCall): Message {
  const ending = call.ending();
  return {
    ...frame(call),
    type: 'end-of-call-report',
    ...ending,
    cost: call.cost(),
    ...(call.startedAt && { startedAt: call.startedAt.toISOString() }),
    ...(call.endedAt && { endedAt: call.endedAt.toISOString() }),
    // Vapi sends these too, without naming them in its types.
    durationMs: call.durationSeconds * 1000,
    durationSeconds: call.durationSeconds,
    durationMinutes: call.durationSeconds / 60,
    summary: ending.analysis.summary,
    transcript: ending.artifact.transcript,
    recordingUrl: ending.artifact.recordingUrl,
  };
}

/** What every message carries; the phone number brings the carrier's secrets along, as Vapi's does. */
function frame(call: SandboxCall): Message {
  return {
    timestamp: Date.now(),
    call: { ...call.snapshot(), status: 'ringing' },
    customer: call.request.customer,
    assistant: { name: call.assistant.name, ...call.overrides },
    phoneNumber: phoneNumberWire(call.phoneNumber),
  };
}

function labels(call: SandboxCall, message: Message): { callId: string; type: string; status: string | undefined } {
  return {
    callId: call.id,
    type: String(message.type),
    status: typeof message.status === 'string' ? message.status : undefined,
  };
}

/** A number as the vendor shows it, secrets included. */
export function phoneNumberWire({ provider, ...phoneNumber }: SandboxCall['phoneNumber']): Message {
  const common = {
    orgId: ORGANIZATION_ID,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    provider,
    ...phoneNumber,
  };
  if (provider !== 'twilio') return common;
  return { ...common, twilioAccountSid: 'AC-sandbox-account', twilioAuthToken: 'sandbox-carrier-secret' };
}

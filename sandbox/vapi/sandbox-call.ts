import { randomUUID } from 'node:crypto';
import { isAnswered, type CallScript } from './call-script';
import { isObject } from './create-call-rules';
import { ORGANIZATION_ID, type SandboxAssistant, type SandboxPhoneNumber } from './defaults';
import { renderTranscript } from './transcript';

export type SandboxCallStatus = 'queued' | 'ringing' | 'in-progress' | 'ended';

const USD_PER_MINUTE = { transport: 0.014, vapi: 0.05 } as const;
const DEFAULT_MAX_SECONDS = 600;

type Json = Record<string, unknown>;

/** Who speaks over which line, and for a call of an earlier run which one it is. */
interface Parties {
  readonly assistant: SandboxAssistant;
  readonly phoneNumber: SandboxPhoneNumber;
  readonly id?: string;
  readonly createdAt?: Date;
}

/** One call of the stand-in: what was asked for, what its script says, and how far it has come. */
export class SandboxCall {
  readonly id: string;
  readonly createdAt: Date;
  status: SandboxCallStatus = 'queued';
  updatedAt: Date;
  startedAt: Date | undefined;
  endedAt: Date | undefined;
  endedReason: string | undefined;
  /** Connected seconds of the stand-in's own time, once the call has ended. */
  durationSeconds = 0;

  constructor(
    readonly request: Json,
    private readonly parties: Parties,
    readonly script: CallScript,
    private readonly controlUrl: (id: string) => string,
  ) {
    this.id = parties.id ?? randomUUID();
    this.createdAt = this.updatedAt = parties.createdAt ?? new Date();
  }

  get assistant(): SandboxAssistant {
    return this.parties.assistant;
  }

  get phoneNumber(): SandboxPhoneNumber {
    return this.parties.phoneNumber;
  }

  get customerNumber(): string {
    return String(object(this.request.customer).number);
  }

  get attemptId(): string | undefined {
    return attemptIdOf(this.request);
  }

  get overrides(): Json {
    return object(this.request.assistantOverrides);
  }

  get maxDurationSeconds(): number {
    const max = this.overrides.maxDurationSeconds;
    return typeof max === 'number' ? max : DEFAULT_MAX_SECONDS;
  }

  get isLive(): boolean {
    return this.status !== 'ended';
  }

  get isVisible(): boolean {
    return Date.now() >= this.createdAt.getTime() + (this.script.hiddenForMs ?? 0);
  }

  moveTo(status: 'ringing' | 'in-progress'): void {
    this.status = status;
    this.updatedAt = new Date();
    if (status === 'in-progress') this.startedAt = this.updatedAt;
  }

  /**
   * Ends the call. A call that went faster than real time looks as long as its script says: its start moves into the
   * past, since an end in the future would mislead more.
   */
  end(endedReason: string, connectedSeconds: number): void {
    this.status = 'ended';
    this.endedReason = endedReason;
    this.endedAt = this.updatedAt = new Date();
    if (this.startedAt === undefined) return;
    this.durationSeconds = connectedSeconds;
    this.startedAt = new Date(this.endedAt.getTime() - connectedSeconds * 1000);
  }

  /** As POST /call and GET /call/:id answer it. */
  toWire(): Json {
    return {
      ...this.snapshot(),
      status: this.status,
      updatedAt: this.updatedAt.toISOString(),
      ...(this.startedAt && { startedAt: this.startedAt.toISOString() }),
      ...(this.endedAt && { endedAt: this.endedAt.toISOString(), ...this.ending(), cost: this.cost() }),
    };
  }

  /** As webhooks carry it: what was known when the call was created. */
  snapshot(): Json {
    return {
      id: this.id,
      orgId: ORGANIZATION_ID,
      type: 'outboundPhoneCall',
      createdAt: this.createdAt.toISOString(),
      updatedAt: this.createdAt.toISOString(),
      status: 'queued',
      cost: 0,
      ...pick(this.request, ['name', 'assistantId', 'assistantOverrides', 'phoneNumberId', 'customer']),
      phoneCallProvider: this.phoneNumber.provider,
      phoneCallTransport: 'pstn',
      monitor: { controlUrl: this.controlUrl(this.id) },
    };
  }

  /** What is only known when all is over. */
  ending(): { endedReason: string; costs: readonly Json[]; analysis: Json; artifact: Json } {
    return {
      endedReason: this.endedReason ?? 'unknown-error',
      costs: this.costs(),
      analysis: this.startedAt === undefined ? {} : { summary: this.summary(), successEvaluation: 'true' },
      artifact: {
        messages: [],
        ...(this.startedAt && {
          transcript: this.transcript(),
          recordingUrl: `${this.controlUrl(this.id).replace(/control$/, 'recording')}.wav`,
        }),
      },
    };
  }

  cost(): number {
    return this.costs().reduce((sum, item) => sum + Number(item.cost), 0);
  }

  /** Whether somebody or something picks up. */
  get isAnswered(): boolean {
    return isAnswered(this.script);
  }

  private costs(): readonly Json[] {
    const minutes = this.durationSeconds / 60;
    return [
      { type: 'transport', provider: 'twilio', minutes, cost: round(minutes * USD_PER_MINUTE.transport) },
      { type: 'vapi', subType: 'normal', minutes, cost: round(minutes * USD_PER_MINUTE.vapi) },
    ];
  }

  private transcript(): string {
    return (
      this.script.transcript ??
      renderTranscript(this.assistant, this.endedReason, object(this.overrides.variableValues))
    );
  }

  private summary(): string {
    return this.endedReason === 'voicemail'
      ? 'A machine answered and a message was left.'
      : `The assistant "${this.assistant.name}" spoke with the recipient for ${this.durationSeconds} seconds.`;
  }
}

/** The caller's own id of a call, from wherever it was put. */
export function attemptIdOf(request: Json): string | undefined {
  const candidates = [
    object(object(request.assistantOverrides).metadata).attemptId,
    object(request.customer).externalId,
    request.name,
  ];
  return candidates.find((candidate): candidate is string => typeof candidate === 'string');
}

/** The value if it is an object, else an empty one. */
export function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

function pick(value: Json, keys: readonly string[]): Json {
  return Object.fromEntries(keys.filter((key) => value[key] !== undefined).map((key) => [key, value[key]]));
}

function round(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}

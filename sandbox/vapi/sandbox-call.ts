import { randomUUID } from 'node:crypto';
import type { CallScript } from '../kit/call-script';
import { type Json, object, pick } from '../kit/json';
import { StandInCall } from '../kit/stand-in-call';
import { renderTurns, turnsOf } from '../kit/transcript';
import { isAnswered, isDialed, MACHINE } from './call-script';
import { ORGANIZATION_ID, type SandboxAssistant, type SandboxPhoneNumber } from './defaults';

const USD_PER_MINUTE = { transport: 0.014, vapi: 0.05 } as const;
const DEFAULT_MAX_SECONDS = 600;

/** Who speaks over which line, and for a call of an earlier run which one it is. */
interface Parties {
  readonly assistant: SandboxAssistant;
  readonly phoneNumber: SandboxPhoneNumber;
  readonly id?: string;
  readonly createdAt?: Date;
}

/** A call as Vapi describes it. */
export class SandboxCall extends StandInCall {
  readonly maximumReason = 'exceeded-max-duration';

  constructor(
    request: Json,
    private readonly parties: Parties,
    script: CallScript,
    private readonly controlUrl: (id: string) => string,
  ) {
    super(request, script, { id: parties.id ?? randomUUID(), createdAt: parties.createdAt });
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

  get isAnswered(): boolean {
    return isAnswered(this.script);
  }

  get isDialed(): boolean {
    return isDialed(this.script);
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

  private costs(): readonly Json[] {
    const minutes = this.durationSeconds / 60;
    return [
      { type: 'transport', provider: 'twilio', minutes, cost: round(minutes * USD_PER_MINUTE.transport) },
      { type: 'vapi', subType: 'normal', minutes, cost: round(minutes * USD_PER_MINUTE.vapi) },
    ];
  }

  private transcript(): string {
    if (this.script.transcript !== undefined) return this.script.transcript;
    const turns = turnsOf(this.assistant, this.endedReason === MACHINE, object(this.overrides.variableValues));
    return renderTurns(turns, { assistant: 'AI', recipient: 'User' });
  }

  private summary(): string {
    return this.endedReason === MACHINE
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

function round(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}

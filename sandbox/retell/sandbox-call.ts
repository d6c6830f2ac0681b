import { randomUUID } from 'node:crypto';
import type { CallScript } from '../kit/call-script';
import { type Json, object, pick, text } from '../kit/json';
import { StandInCall } from '../kit/stand-in-call';
import { renderTurns, type Turn, turnsOf } from '../kit/transcript';
import { endStatus, isAnswered, isDialed, MACHINE } from './call-script';
import type { SandboxAgent } from './defaults';

const CENTS_PER_SECOND = { elevenlabs_tts: 0.117, gpt_4_1: 0.075, us_telephony: 0.025 } as const;
const DEFAULT_MAX_MS = 3_600_000;

const ECHOED = ['from_number', 'to_number', 'metadata', 'retell_llm_dynamic_variables', 'custom_sip_headers'];

/** A call as Retell describes it. */
export class SandboxCall extends StandInCall {
  readonly maximumReason = 'max_duration_reached';
  /** The analysis takes a moment after the end. */
  isAnalyzed = false;

  constructor(
    request: Json,
    readonly agent: SandboxAgent,
    script: CallScript,
  ) {
    super(request, script, { id: `call_${randomUUID().replaceAll('-', '').slice(0, 27)}` });
  }

  get customerNumber(): string {
    return String(this.request.to_number);
  }

  get attemptId(): string | undefined {
    return attemptIdOf(this.request);
  }

  /** The agent as this call changes it. */
  get overrides(): Json {
    return object(object(this.request.agent_override).agent);
  }

  get maxDurationSeconds(): number {
    const max = this.overrides.max_call_duration_ms;
    return (typeof max === 'number' ? max : DEFAULT_MAX_MS) / 1000;
  }

  get isAnswered(): boolean {
    return isAnswered(this.script);
  }

  get isDialed(): boolean {
    return isDialed(this.script);
  }

  /** In Retell's words: until somebody answers, a call is only registered. */
  get callStatus(): string {
    if (this.status === 'ended') return endStatus(this.endedReason ?? '');
    return this.status === 'in-progress' ? 'ongoing' : 'registered';
  }

  /** As lists show it: without what was said. */
  toListed(): Json {
    return {
      call_id: this.id,
      call_type: 'phone_call',
      direction: 'outbound',
      agent_id: this.agent.id,
      agent_name: this.agent.name,
      agent_version: 0,
      call_status: this.callStatus,
      ...pick(this.request, ECHOED),
      telephony_identifier: { twilio_call_sid: `CA${this.id.slice(5)}` },
      ...(this.startedAt && { start_timestamp: this.startedAt.getTime() }),
      ...(this.status === 'ended' && this.ending()),
      ...(this.isAnalyzed && { call_analysis: this.analysis() }),
    };
  }

  /** As it is read, and as webhooks carry it. */
  toWire(): Json {
    if (this.status !== 'ended') return this.toListed();
    const turns = this.turns();
    return {
      ...this.toListed(),
      transcript: this.transcript(turns),
      transcript_object: turns.map(({ speaker, line }) => ({
        role: speaker === 'assistant' ? 'agent' : 'user',
        content: line,
        words: [],
      })),
    };
  }

  /** A call that nobody answered names neither a start nor an end. */
  private ending(): Json {
    const wasConnected = this.startedAt !== undefined;
    return {
      disconnection_reason: this.endedReason,
      duration_ms: this.durationSeconds * 1000,
      call_cost: this.cost(),
      ...(wasConnected && {
        end_timestamp: this.endedAt?.getTime(),
        recording_url: `https://recordings.sandbox.example/${this.id}/recording.wav`,
      }),
    };
  }

  private cost(): Json {
    const seconds = this.durationSeconds;
    const products = Object.entries(CENTS_PER_SECOND).map(([product, price]) => ({
      product,
      unit_price: price,
      cost: round(price * seconds),
    }));
    return {
      product_costs: seconds === 0 ? [] : products,
      total_duration_seconds: seconds,
      total_duration_unit_price: round(Object.values(CENTS_PER_SECOND).reduce((sum, price) => sum + price, 0)),
      combined_cost: round(products.reduce((sum, { cost }) => sum + cost, 0)),
    };
  }

  private analysis(): Json {
    if (this.startedAt === undefined) {
      return { in_voicemail: false, call_successful: false, user_sentiment: 'Unknown', custom_analysis_data: {} };
    }
    const wasMachine = this.endedReason === MACHINE;
    return {
      call_summary: wasMachine
        ? 'A machine answered and a message was left.'
        : `The agent "${this.agent.name}" spoke with the user for ${this.durationSeconds} seconds.`,
      in_voicemail: wasMachine,
      call_successful: !wasMachine,
      user_sentiment: 'Neutral',
      custom_analysis_data: {},
    };
  }

  private turns(): readonly Turn[] {
    if (this.startedAt === undefined) return [];
    return turnsOf(this.agent, this.endedReason === MACHINE, object(this.request.retell_llm_dynamic_variables));
  }

  private transcript(turns: readonly Turn[]): string {
    if (this.startedAt !== undefined && this.script.transcript !== undefined) return this.script.transcript;
    return renderTurns(turns, { assistant: 'Agent', recipient: 'User' });
  }
}

/** The caller's own id of a call. */
export function attemptIdOf(request: Json): string | undefined {
  return text(object(request.metadata).attemptId);
}

function round(cents: number): number {
  return Math.round(cents * 1e4) / 1e4;
}

import { createHmac } from 'node:crypto';
import type { WebhookFault } from '../kit/faults';
import { type Json, text } from '../kit/json';
import type { Timers } from '../kit/timers';
import type { Message, WebhookTarget } from '../kit/webhook-sender';
import type { WebhookStreams } from '../kit/webhook-streams';
import type { EventType } from './faults';
import type { SandboxCall } from './sandbox-call';

const ANALYSIS_SECONDS = 2;
const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_RETRIES = 3;
const FIRST_RETRY_MS = 1_000;
const DEFAULT_EVENTS: readonly EventType[] = ['call_started', 'call_ended', 'call_analyzed'];

interface Account {
  /** Signs every webhook. */
  readonly webhookKey: string;
  /** For calls and agents that name no address. */
  readonly webhookUrl: string | undefined;
}

/** Tells the world about calls, in Retell's shapes. */
export class Webhooks {
  constructor(
    private readonly streams: WebhookStreams,
    private readonly timers: Timers,
    private readonly account: Account,
  ) {}

  open(call: SandboxCall, fault: WebhookFault | undefined): void {
    const wanted = call.overrides.webhook_events;
    this.streams.open(call.id, {
      target: this.targetOf(call),
      wanted: Array.isArray(wanted) ? wanted : DEFAULT_EVENTS,
      fault,
    });
  }

  /** Of a call that is only dialed nothing is told. */
  statusChanged(call: SandboxCall): void {
    if (call.status === 'in-progress') this.streams.tell(call.id, toMessage('call_started', call));
    if (call.isLive) return;
    this.streams.tell(call.id, toMessage('call_ended', call));
    this.timers.after(ANALYSIS_SECONDS, () => {
      call.isAnalyzed = true;
      this.streams.tell(call.id, toMessage('call_analyzed', call));
      this.streams.letGo(call.id);
    });
  }

  /** Says the end once more, as a vendor may at any time. */
  repeatEnd(call: SandboxCall): void {
    call.isAnalyzed = true;
    this.streams.repeat(call.id, [toMessage('call_ended', call), toMessage('call_analyzed', call)]);
  }

  /** The call's own address replaces the agent's, and that the account's; null means none. */
  private targetOf({ overrides, agent }: SandboxCall): WebhookTarget | undefined {
    const own = overrides.webhook_url;
    const url = own === null ? undefined : (text(own) ?? agent.webhookUrl ?? this.account.webhookUrl);
    if (url === undefined) return undefined;
    return {
      url,
      headers: (rawBody) => ({ 'x-retell-signature': sign(rawBody, this.account.webhookKey, Date.now()) }),
      timeoutMs: Number(overrides.webhook_timeout_ms ?? DEFAULT_TIMEOUT_MS),
      maxRetries: MAX_RETRIES,
      delayMs: (retry) => FIRST_RETRY_MS * 2 ** retry,
      excludedStatusCodes: [],
    };
  }
}

/** What the end does not tell yet, the analysis does. */
function toMessage(event: EventType, call: SandboxCall): Message {
  const { call_analysis: analysis, ...wire } = call.toWire();
  const told: Json = event === 'call_analyzed' ? { ...wire, call_analysis: analysis } : wire;
  return { type: event, status: call.callStatus, body: { event, call: told, event_timestamp: Date.now() } };
}

function sign(rawBody: string, key: string, moment: number): string {
  return `v=${moment},d=${createHmac('sha256', key).update(`${rawBody}${moment}`).digest('hex')}`;
}

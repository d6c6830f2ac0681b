import type { Timers } from '../kit/timers';
import type { Records, SentWebhook } from './records';
import type { SandboxCall } from './sandbox-call';
import { object } from './sandbox-call';

const DEFAULT_TIMEOUT_SECONDS = 20;

/** Where and how one call's webhooks are sent, as its request asked. */
export interface WebhookTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** Before the retry of this number, counted from 0. */
  readonly delayMs: (retry: number) => number;
  readonly excludedStatusCodes: readonly number[];
}

/** The server that the request names; undefined where it names none. */
export function targetOf(call: SandboxCall): WebhookTarget | undefined {
  const server = object(call.overrides.server);
  if (typeof server.url !== 'string') return undefined;
  const plan = object(server.backoffPlan);
  const baseMs = Number(plan.baseDelaySeconds ?? 0) * 1000;
  return {
    url: server.url,
    headers: Object.fromEntries(Object.entries(object(server.headers)).map(([name, value]) => [name, String(value)])),
    timeoutMs: Number(server.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
    // Without a plan nothing is sent twice.
    maxRetries: Number(plan.maxRetries ?? 0),
    delayMs: (retry) => (plan.type === 'exponential' ? baseMs * 2 ** retry : baseMs),
    excludedStatusCodes: Array.isArray(plan.excludedStatusCodes) ? plan.excludedStatusCodes.map(Number) : [],
  };
}

/** Sends webhooks and repeats those that were not taken, as the call's backoff plan says. */
export class WebhookSender {
  private readonly abort = new AbortController();

  constructor(
    private readonly timers: Timers,
    private readonly records: Records,
    /** 1: retries come when the plan says; more: sooner. */
    private readonly retrySpeed: number,
    private readonly changed: () => void,
  ) {}

  /** Resolves after the first try, however it went; further tries follow by themselves. */
  async send(call: SandboxCall, target: WebhookTarget, message: Record<string, unknown>): Promise<void> {
    const sent: SentWebhook = {
      callId: call.id,
      type: String(message.type),
      status: typeof message.status === 'string' ? message.status : undefined,
      attempts: 0,
      outcome: 'sending',
    };
    this.records.webhooks.push(sent);
    await this.attempt(sent, target, JSON.stringify({ message }));
  }

  stop(): void {
    this.abort.abort();
  }

  private async attempt(sent: SentWebhook, target: WebhookTarget, body: string): Promise<void> {
    const retry = sent.attempts;
    sent.attempts += 1;
    const status = await this.post(target, body);
    if (this.abort.signal.aborted) return;
    if (status !== undefined) sent.lastStatus = status;
    if (status !== undefined && status >= 200 && status < 300) {
      sent.outcome = 'delivered';
    } else if (retry >= target.maxRetries || target.excludedStatusCodes.includes(status ?? 0)) {
      sent.outcome = 'given-up';
    } else {
      this.timers.afterRealMs(target.delayMs(retry) / this.retrySpeed, () => void this.attempt(sent, target, body));
    }
    this.changed();
  }

  private async post(target: WebhookTarget, body: string): Promise<number | undefined> {
    try {
      const response = await fetch(target.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...target.headers },
        body,
        signal: AbortSignal.any([this.abort.signal, AbortSignal.timeout(target.timeoutMs)]),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return undefined;
    }
  }
}

import type { Records, SentWebhook } from './records';
import type { Timers } from './timers';

/** Where and how one call's webhooks are sent. */
export interface WebhookTarget {
  readonly url: string;
  /** Asked for each try, since a signature may hold the moment. */
  readonly headers: (rawBody: string) => Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** Before the retry of this number, counted from 0. */
  readonly delayMs: (retry: number) => number;
  readonly excludedStatusCodes: readonly number[];
}

/** One webhook, with what the records say of it. */
export interface Message {
  readonly type: string;
  readonly status: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends webhooks and repeats those that were not taken, as their target says. */
export class WebhookSender {
  private readonly abort = new AbortController();

  constructor(
    private readonly timers: Timers,
    private readonly records: Records,
    /** 1: retries come when the target says; more: sooner. */
    private readonly retrySpeed: number,
    private readonly changed: () => void,
  ) {}

  /** Resolves after the first try, however it went; further tries follow by themselves. */
  async send(callId: string, target: WebhookTarget, { type, status, body }: Message): Promise<void> {
    const sent: SentWebhook = { callId, type, status, attempts: 0, outcome: 'sending' };
    this.records.webhooks.push(sent);
    await this.attempt(sent, target, JSON.stringify(body));
  }

  stop(): void {
    this.abort.abort();
  }

  private async attempt(sent: SentWebhook, target: WebhookTarget, rawBody: string): Promise<void> {
    const retry = sent.attempts;
    sent.attempts += 1;
    const status = await this.post(target, rawBody);
    if (this.abort.signal.aborted) return;
    if (status !== undefined) sent.lastStatus = status;
    if (status !== undefined && status >= 200 && status < 300) {
      sent.outcome = 'delivered';
    } else if (retry >= target.maxRetries || target.excludedStatusCodes.includes(status ?? 0)) {
      sent.outcome = 'given-up';
    } else {
      this.timers.afterRealMs(target.delayMs(retry) / this.retrySpeed, () => void this.attempt(sent, target, rawBody));
    }
    this.changed();
  }

  private async post(target: WebhookTarget, rawBody: string): Promise<number | undefined> {
    try {
      const response = await fetch(target.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...target.headers(rawBody) },
        body: rawBody,
        signal: AbortSignal.any([this.abort.signal, AbortSignal.timeout(target.timeoutMs)]),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return undefined;
    }
  }
}

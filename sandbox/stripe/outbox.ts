import { HOUR, MINUTE } from './life/calendar';
import type { Due } from './life/agenda';
import type { SandboxEvent } from './objects/wire';
import { signatureHeader } from './protocol/signature';
import type { Records } from './records';

/** Where events are posted. */
export interface Webhook {
  readonly url: string;
  readonly secret: string;
  /** While a secret is being replaced, its predecessor signs as well. */
  readonly previousSecret?: string;
  /** What `api_version` events carry; the stand-in's own if absent. Their shape stays the same. */
  readonly apiVersion?: string;
  /** Types that are posted, `*` at the end for whatever follows; all if absent. */
  readonly events?: readonly string[];
  /** After which seconds of the stand-in's time each retry comes. */
  readonly retryAfterSeconds?: readonly number[];
}

export interface DeliveryOptions {
  readonly secret?: string;
  /** Seconds, for the signature; the real time if absent. */
  readonly timestamp?: number;
  readonly apiVersion?: string;
  readonly url?: string;
  /** Makes another event of it. */
  readonly body?: (event: SandboxEvent) => unknown;
}

export interface Signed {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

// For three days, as in live mode.
const RETRIES = [5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR];
const TIMEOUT_MS = 20_000;

/** Posts events: by itself one after the other, or only when told to. */
export class Outbox {
  webhook: Webhook | undefined;
  private readonly abort = new AbortController();
  private readonly held: SandboxEvent[] = [];
  private readonly attempts = new Map<string, number>();
  private retries: { readonly event: SandboxEvent; readonly at: number }[] = [];
  private chain: Promise<void> = Promise.resolve();

  constructor(
    private readonly records: Records,
    private readonly now: () => number,
    public holds: boolean,
  ) {}

  take(event: SandboxEvent): void {
    if (this.webhook === undefined || !isWanted(event.type, this.webhook.events)) {
      event.pending_webhooks = 0;
      return;
    }
    if (this.holds) this.held.push(event);
    else this.queue(event);
  }

  /** Posts what was held, in its order, and from now on whatever happens. */
  release(): void {
    this.holds = false;
    for (const event of this.held.splice(0)) this.queue(event);
  }

  /** Resolves when everything that is to be posted by itself was tried. */
  async settled(): Promise<void> {
    let last: Promise<void> | undefined;
    while (last !== this.chain) {
      last = this.chain;
      await last;
    }
  }

  /** The retries that are due by then. */
  nextRetry(until: number): Due | undefined {
    const [retry] = this.retries.filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
    if (retry === undefined) return undefined;
    return {
      at: retry.at,
      happen: () => {
        this.retries = this.retries.filter((other) => other !== retry);
        this.queue(retry.event);
      },
    };
  }

  /** Posts it now; gives the receiver's status. @throws Error where no answer comes */
  async deliver(event: SandboxEvent, options: DeliveryOptions = {}): Promise<number> {
    const url = options.url ?? this.webhook?.url;
    if (url === undefined) throw new Error('The stand-in knows no webhook: call setWebhook first.');
    const status = await this.post(url, event, options);
    if (status === undefined) throw new Error(`${url} gave no answer.`);
    return status;
  }

  /** The body and headers of a delivery. */
  sign(event: SandboxEvent, options: DeliveryOptions = {}): Signed {
    const version = options.apiVersion ?? this.webhook?.apiVersion ?? event.api_version;
    const shown = { ...event, api_version: version };
    const body = JSON.stringify(options.body?.(shown) ?? shown, null, 2);
    const timestamp = options.timestamp ?? Math.floor(Date.now() / 1000);
    return {
      body,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        'stripe-signature': signatureHeader(body, this.secrets(options), timestamp),
      },
    };
  }

  clear(): void {
    this.held.length = 0;
    this.retries = [];
    this.attempts.clear();
  }

  stop(): void {
    this.abort.abort();
  }

  private secrets({ secret }: DeliveryOptions): readonly string[] {
    if (secret !== undefined) return [secret];
    const { webhook } = this;
    if (webhook === undefined) throw new Error('The stand-in knows no webhook secret.');
    return webhook.previousSecret === undefined ? [webhook.secret] : [webhook.secret, webhook.previousSecret];
  }

  private queue(event: SandboxEvent): void {
    this.chain = this.chain.then(() => this.attempt(event));
  }

  private async attempt(event: SandboxEvent): Promise<void> {
    if (this.webhook === undefined || this.abort.signal.aborted) return;
    const status = await this.post(this.webhook.url, event, {});
    if (isSuccess(status)) return;
    const after = (this.webhook.retryAfterSeconds ?? RETRIES)[(this.attempts.get(event.id) ?? 1) - 1];
    if (after !== undefined) this.retries.push({ event, at: this.now() + after });
  }

  private async post(url: string, event: SandboxEvent, options: DeliveryOptions): Promise<number | undefined> {
    const attempt = (this.attempts.get(event.id) ?? 0) + 1;
    this.attempts.set(event.id, attempt);
    const { body, headers } = this.sign(event, options);
    const signal = AbortSignal.any([this.abort.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const status = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
      .then(async (response) => (await response.arrayBuffer(), response.status))
      .catch(() => undefined);
    this.records.deliveries.push({ eventId: event.id, type: event.type, attempt, status });
    if (isSuccess(status)) event.pending_webhooks = 0;
    return status;
  }
}

const isSuccess = (status: number | undefined): boolean => status !== undefined && status >= 200 && status < 300;

function isWanted(type: string, wanted: readonly string[] | undefined): boolean {
  return wanted?.some((one) => (one.endsWith('*') ? type.startsWith(one.slice(0, -1)) : one === type)) ?? true;
}

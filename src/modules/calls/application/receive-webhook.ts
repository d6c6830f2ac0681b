import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../../shared/kernel/domain-error';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { Troubles } from '../../../shared/kernel/troubles';
import { within } from '../../../shared/observability/story';
import type { CallProvider, CallReport, WebhookHeaders } from '../../providers/public/call-provider.port';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { WebhookNotAuthentic, WebhookNotCheckable } from '../domain/calls.errors';
import { ApplyCallReport } from './apply-call-report';
import { WebhookAnswered, type WebhookResult } from './observed-facts';
import { TakeInStrayReport } from './take-in-stray-report';

export interface IncomingWebhook {
  readonly providerId: string;
  readonly headers: WebhookHeaders;
  readonly rawBody: Uint8Array;
  readonly body: unknown;
}

interface KnownProvider {
  readonly provider: CallProvider;
  readonly readAtMs: number;
}

/**
 * Webhooks come by the hundred, so an account that was read is good for so long: a secret that was replaced, or a
 * provider that was removed, counts for no longer. What the known account does not vouch for is checked against a fresh one.
 */
const RECALL_MS = 1_000;

const LOOK = 'See docs/runbooks/provider-down.md';

/** Takes in what a vendor sends. Everything it tells is committed when this resolves. */
@Injectable()
export class ReceiveWebhook {
  private readonly logger = new Logger(ReceiveWebhook.name);
  private readonly known = new Map<string, KnownProvider>();
  /** Providers whose credentials cannot be read: anybody may send webhooks to them. */
  private readonly unreadable = new Troubles();

  constructor(
    private readonly providers: ProviderPool,
    private readonly applyCallReport: ApplyCallReport,
    private readonly takeInStrayReport: TakeInStrayReport,
    private readonly events: DomainEvents,
  ) {}

  /**
   * @throws DomainError `providers.not_found` for an unknown provider, WebhookNotAuthentic for a wrong signature,
   * WebhookNotCheckable for a provider whose credentials cannot be read, VendorSilent when it has to be sent again
   */
  execute(webhook: IncomingWebhook): Promise<void> {
    return within('webhook', { providerId: webhook.providerId }, () => this.answer(webhook));
  }

  private async answer(webhook: IncomingWebhook): Promise<void> {
    try {
      const reports = await this.takeIn(webhook);
      await this.events.publish(new WebhookAnswered(webhook.providerId, 'taken', lagsOf(reports)));
    } catch (error) {
      const result = resultOf(error);
      const providerId = result === 'unknown_provider' ? null : webhook.providerId;
      await this.events.publish(new WebhookAnswered(providerId, result, []));
      throw error;
    }
  }

  private async takeIn({ providerId, headers, rawBody, body }: IncomingWebhook): Promise<readonly CallReport[]> {
    const provider = await this.authenticated({ providerId, headers, rawBody });
    const reports = provider.parseWebhook(body);
    for (const report of reports) await this.apply(providerId, provider, report);
    return reports;
  }

  private async apply(providerId: string, provider: CallProvider, report: CallReport): Promise<void> {
    const isOurs = await this.applyCallReport.execute(providerId, report);
    if (!isOurs) await this.takeInStrayReport.execute(providerId, provider, report);
  }

  private async authenticated({ providerId, headers, rawBody }: Omit<IncomingWebhook, 'body'>): Promise<CallProvider> {
    const known = this.recall(providerId);
    if (known?.authenticateWebhook(headers, rawBody) === true) return known;
    const readAtMs = performance.now();
    const provider = await this.connect(providerId);
    const isAuthentic = provider.authenticateWebhook(headers, rawBody);
    // Only who knows the secret adds an account here; what is known is replaced by what is true now in any case.
    if (isAuthentic || this.known.has(providerId)) this.known.set(providerId, { provider, readAtMs });
    if (!isAuthentic) throw new WebhookNotAuthentic();
    return provider;
  }

  /** The first one who finds it too old reads it again; the others use it until that is done. */
  private recall(providerId: string): CallProvider | undefined {
    const known = this.known.get(providerId);
    if (!known || performance.now() - known.readAtMs < RECALL_MS) return known?.provider;
    this.known.set(providerId, { ...known, readAtMs: performance.now() });
    return undefined;
  }

  private async connect(providerId: string): Promise<CallProvider> {
    try {
      const provider = await this.providers.connect(providerId);
      this.unreadable.end(providerId);
      return provider;
    } catch (error) {
      this.known.delete(providerId);
      if (!(error instanceof DomainError) || error.kind !== 'unavailable') throw error;
      const level = this.unreadable.meet(providerId) ? 'error' : 'debug';
      const facts = { event: 'provider.unreadable', providerId };
      this.logger[level](`Webhooks cannot be checked: ${error.message} ${LOOK}`, facts);
      throw new WebhookNotCheckable();
    }
  }
}

function resultOf(error: unknown): WebhookResult {
  if (error instanceof WebhookNotAuthentic) return 'unauthenticated';
  if (error instanceof WebhookNotCheckable) return 'not_checkable';
  return error instanceof DomainError && error.kind === 'not-found' ? 'unknown_provider' : 'failed';
}

/** By the vendor's clock and this process's: they may differ, so a report from the future has none. */
function lagsOf(reports: readonly CallReport[]): readonly number[] {
  return reports.flatMap(({ progress, endedAt }) =>
    progress === 'ended' && endedAt ? [Math.max(0, Date.now() - endedAt.getTime()) / 1_000] : [],
  );
}

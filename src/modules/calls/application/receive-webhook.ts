import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../../shared/kernel/domain-error';
import type { CallProvider, CallReport, WebhookHeaders } from '../../providers/public/call-provider.port';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { WebhookNotAuthentic, WebhookNotCheckable } from '../domain/calls.errors';
import { ApplyCallReport } from './apply-call-report';
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

/** Takes in what a vendor sends. Everything it tells is committed when this resolves. */
@Injectable()
export class ReceiveWebhook {
  private readonly logger = new Logger(ReceiveWebhook.name);
  private readonly known = new Map<string, KnownProvider>();

  constructor(
    private readonly providers: ProviderPool,
    private readonly applyCallReport: ApplyCallReport,
    private readonly takeInStrayReport: TakeInStrayReport,
  ) {}

  /**
   * @throws DomainError `providers.not_found` for an unknown provider, WebhookNotAuthentic for a wrong signature,
   * WebhookNotCheckable for a provider whose credentials cannot be read, VendorSilent when it has to be sent again
   */
  async execute({ providerId, headers, rawBody, body }: IncomingWebhook): Promise<void> {
    const provider = await this.authenticated({ providerId, headers, rawBody });
    for (const report of provider.parseWebhook(body)) await this.apply(providerId, provider, report);
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
    if (!provider.authenticateWebhook(headers, rawBody)) throw new WebhookNotAuthentic();
    this.known.set(providerId, { provider, readAtMs });
    return provider;
  }

  /** Forgets it when it is too old. */
  private recall(providerId: string): CallProvider | undefined {
    const known = this.known.get(providerId);
    if (known && performance.now() - known.readAtMs < RECALL_MS) return known.provider;
    this.known.delete(providerId);
    return undefined;
  }

  private async connect(providerId: string): Promise<CallProvider> {
    try {
      return await this.providers.connect(providerId);
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind !== 'unavailable') throw error;
      this.logger.error(`A webhook for provider ${providerId} cannot be checked: ${error.message}`);
      throw new WebhookNotCheckable();
    }
  }
}

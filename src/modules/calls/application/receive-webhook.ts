import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../../shared/kernel/domain-error';
import { Gathering } from '../../../shared/kernel/gathering';
import type { CallProvider, CallReport, WebhookHeaders } from '../../providers/public/call-provider.port';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { WebhookNotAuthentic, WebhookNotCheckable } from '../domain/calls.errors';
import { ApplyCallReport } from './apply-call-report';
import { GROUPS } from './groups';
import { TakeInStrayReport } from './take-in-stray-report';

export interface IncomingWebhook {
  readonly providerId: string;
  readonly headers: WebhookHeaders;
  readonly rawBody: Uint8Array;
  readonly body: unknown;
}

/** Takes in what a vendor sends. Everything it tells is committed when this resolves. */
@Injectable()
export class ReceiveWebhook {
  private readonly logger = new Logger(ReceiveWebhook.name);
  /** Many webhooks at once need one look at the account, made after the last of them has come. */
  private readonly connections = new Gathering<string, CallProvider>(
    (ids) => this.connectAll(ids),
    (id) => this.connect(id),
    GROUPS.most,
  );

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
    const provider = await this.connections.add(providerId);
    if (!provider.authenticateWebhook(headers, rawBody)) throw new WebhookNotAuthentic();
    for (const report of provider.parseWebhook(body)) await this.apply(providerId, provider, report);
  }

  private async apply(providerId: string, provider: CallProvider, report: CallReport): Promise<void> {
    const isOurs = await this.applyCallReport.execute(providerId, report);
    if (!isOurs) await this.takeInStrayReport.execute(providerId, provider, report);
  }

  private async connectAll(providerIds: readonly string[]): Promise<readonly CallProvider[]> {
    const connecting = new Map([...new Set(providerIds)].map((id) => [id, this.connect(id)]));
    await Promise.all(connecting.values());
    return Promise.all(providerIds.map((id) => connecting.get(id) ?? this.connect(id)));
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

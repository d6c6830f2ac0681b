import { Injectable } from '@nestjs/common';
import type { WebhookHeaders } from '../../providers/public/call-provider.port';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { WebhookNotAuthentic } from '../domain/calls.errors';
import { ApplyCallReport } from './apply-call-report';

export interface IncomingWebhook {
  readonly providerId: string;
  readonly headers: WebhookHeaders;
  readonly rawBody: Uint8Array;
  readonly body: unknown;
}

/** Takes in what a vendor sends. Everything it tells is committed when this resolves. */
@Injectable()
export class ReceiveWebhook {
  constructor(
    private readonly providers: ProviderPool,
    private readonly applyCallReport: ApplyCallReport,
  ) {}

  /** @throws DomainError `providers.not_found` for an unknown provider, WebhookNotAuthentic for a wrong signature */
  async execute({ providerId, headers, rawBody, body }: IncomingWebhook): Promise<void> {
    const provider = await this.providers.connect(providerId);
    if (!provider.authenticateWebhook(headers, rawBody)) throw new WebhookNotAuthentic();
    for (const report of provider.parseWebhook(body)) await this.applyCallReport.execute(providerId, report);
  }
}

import { Injectable } from '@nestjs/common';
import { CredentialsCipher } from '../../application/ports/credentials-cipher.port';
import type { Provider } from '../../domain/provider';
import { WebhookUrls } from '../../domain/webhook-urls';
import type { ProviderView } from './providers.schemas';

/** Shows providers without their credentials, even encrypted: what is sent is named field by field. */
@Injectable()
export class ProviderViews {
  constructor(
    private readonly cipher: CredentialsCipher,
    private readonly webhookUrls: WebhookUrls,
  ) {}

  of(provider: Provider): ProviderView {
    return {
      id: provider.id,
      name: provider.name,
      driver: provider.driver,
      type: provider.type,
      credentialsSet: provider.encryptedCredentials !== '',
      credentialsKeyId: this.cipher.keyIdOf(provider.encryptedCredentials),
      baseUrl: provider.baseUrl,
      webhookUrl: this.webhookUrls.of(provider.id),
      concurrencyLimit: provider.concurrencyLimit,
      effectiveLimit: provider.effectiveLimit,
      priority: provider.priority,
      isActive: provider.isActive,
      health: provider.health,
      pausedUntil: provider.pausedUntil?.toISOString() ?? null,
      pauseReason: provider.pauseReason,
      suspension: provider.suspension && {
        since: provider.suspension.since.toISOString(),
        until: provider.suspension.until?.toISOString() ?? null,
        reason: provider.suspension.reason,
      },
      createdAt: provider.createdAt.toISOString(),
      updatedAt: provider.updatedAt.toISOString(),
    };
  }
}

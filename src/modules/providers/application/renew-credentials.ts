import { Injectable } from '@nestjs/common';
import type { Provider } from '../domain/provider';
import type { ProviderCredentials } from '../domain/provider-credentials';
import { CredentialsUnreadable } from '../domain/providers.errors';
import { makeWebhookSecret } from './make-webhook-secret';
import { CredentialsCipher } from './ports/credentials-cipher.port';
import { Vendors } from './ports/vendors.port';

/**
 * Encrypts new credentials for a provider. Calls under way still bring back the webhook secret that they were placed
 * with, so it stays unless a new one is given.
 */
@Injectable()
export class RenewCredentials {
  constructor(
    private readonly cipher: CredentialsCipher,
    private readonly vendors: Vendors,
  ) {}

  /** The encrypted credentials, for the caller to store. */
  async execute(provider: Provider, credentials: ProviderCredentials): Promise<string> {
    const kept = credentials.webhookSecret ?? (await this.storedSecret(provider));
    const isMadeUp = kept === undefined && this.vendors.needsWebhookSecret(provider.driver);
    const webhookSecret = isMadeUp ? makeWebhookSecret() : kept;
    return this.cipher.encrypt(provider, { apiKey: credentials.apiKey, webhookSecret });
  }

  /** Undefined also when the key that wrote it is lost: setting new credentials is the way out of that. */
  private async storedSecret(provider: Provider): Promise<string | undefined> {
    try {
      return (await this.cipher.decrypt(provider, provider.encryptedCredentials)).webhookSecret;
    } catch (error) {
      if (error instanceof CredentialsUnreadable) return undefined;
      throw error;
    }
  }
}

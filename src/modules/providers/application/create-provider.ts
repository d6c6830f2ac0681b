import { Injectable } from '@nestjs/common';
import { BaseUrlRule } from '../domain/base-url-rule';
import type { NewProvider, Provider } from '../domain/provider';
import type { ProviderCredentials } from '../domain/provider-credentials';
import { InvalidField } from '../domain/providers.errors';
import { CredentialsCipher } from './ports/credentials-cipher.port';
import { ProviderAccounts } from './ports/provider-accounts.port';
import { Vendors } from './ports/vendors.port';
import { makeWebhookSecret } from './make-webhook-secret';

export type ProviderToCreate = Omit<NewProvider, 'id' | 'encryptedCredentials'> & {
  readonly credentials: ProviderCredentials;
};

/** Registers an account at a vendor. */
@Injectable()
export class CreateProvider {
  constructor(
    private readonly accounts: ProviderAccounts,
    private readonly cipher: CredentialsCipher,
    private readonly vendors: Vendors,
    private readonly baseUrlRule: BaseUrlRule,
  ) {}

  /** @throws DomainError `request.invalid`, `providers.name_taken` */
  async execute({ credentials, ...provider }: ProviderToCreate): Promise<Provider> {
    if (!this.vendors.drivers.includes(provider.driver)) {
      throw new InvalidField('driver', `must be one of: ${this.vendors.drivers.join(', ')}`);
    }
    const baseUrl = provider.baseUrl === null ? null : this.baseUrlRule.check(provider.baseUrl);
    const owner = { id: crypto.randomUUID(), name: provider.name };
    const encryptedCredentials = await this.cipher.encrypt(owner, this.completed(provider.driver, credentials));
    return this.accounts.add({ ...provider, id: owner.id, baseUrl, encryptedCredentials });
  }

  private completed(driver: string, credentials: ProviderCredentials): ProviderCredentials {
    if (credentials.webhookSecret || !this.vendors.needsWebhookSecret(driver)) return credentials;
    return { ...credentials, webhookSecret: makeWebhookSecret() };
  }
}

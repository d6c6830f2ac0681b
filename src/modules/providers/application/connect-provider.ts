import { Injectable } from '@nestjs/common';
import type { Provider } from '../domain/provider';
import { ProviderNotFound } from '../domain/providers.errors';
import type { CallProvider } from '../public/call-provider.port';
import { CredentialsCipher } from './ports/credentials-cipher.port';
import { ProviderAccounts } from './ports/provider-accounts.port';
import { Vendors } from './ports/vendors.port';

type Account = Pick<Provider, 'id' | 'name' | 'driver' | 'baseUrl' | 'encryptedCredentials'>;

interface Connection {
  /** What the driver was made from: encrypting the same key twice gives two texts, so a new key always shows. */
  readonly madeFrom: string;
  readonly driver: CallProvider;
}

/** Gives a provider's driver, the same one for as long as its account stays the same, so that connections live on. */
@Injectable()
export class ConnectProvider {
  private readonly connections = new Map<string, Connection>();

  constructor(
    private readonly accounts: ProviderAccounts,
    private readonly cipher: CredentialsCipher,
    private readonly vendors: Vendors,
  ) {}

  /** @throws DomainError `providers.not_found`, `providers.credentials_unreadable` */
  async execute(providerId: string): Promise<CallProvider> {
    const provider = await this.accounts.find(providerId);
    if (!provider) {
      this.connections.delete(providerId);
      throw new ProviderNotFound();
    }
    return this.connected(provider);
  }

  /**
   * The same for an account that has just been read.
   * @throws DomainError `providers.credentials_unreadable`
   */
  async connected(provider: Account): Promise<CallProvider> {
    const madeFrom = JSON.stringify([provider.driver, provider.baseUrl, provider.encryptedCredentials]);
    const known = this.connections.get(provider.id);
    if (known?.madeFrom === madeFrom) return known.driver;
    const driver = await this.connect(provider);
    this.connections.set(provider.id, { madeFrom, driver });
    return driver;
  }

  private async connect(provider: Account): Promise<CallProvider> {
    const credentials = await this.cipher.decrypt(provider, provider.encryptedCredentials);
    return this.vendors.connect(provider.driver, credentials, provider.baseUrl);
  }
}

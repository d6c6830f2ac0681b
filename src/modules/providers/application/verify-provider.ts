import { Injectable } from '@nestjs/common';
import type { KeyCheck } from '../public/call-provider.port';
import { ConnectProvider } from './connect-provider';

/** Asks the vendor whether a provider's key works. */
@Injectable()
export class VerifyProvider {
  constructor(private readonly connectProvider: ConnectProvider) {}

  /** @throws DomainError `providers.not_found`, `providers.credentials_unreadable` */
  async execute(providerId: string): Promise<KeyCheck> {
    const provider = await this.connectProvider.execute(providerId);
    return provider.verifyKey();
  }
}

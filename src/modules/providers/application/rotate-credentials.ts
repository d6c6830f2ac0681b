import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { Provider } from '../domain/provider';
import { CredentialsUnreadable } from '../domain/providers.errors';
import { CredentialsCipher } from './ports/credentials-cipher.port';
import { ProviderAccounts } from './ports/provider-accounts.port';

/** What a rotation did, provider by provider. */
export interface RotationReport {
  /** The key that all readable credentials are now encrypted with. */
  readonly keyId: string;
  readonly rotated: readonly { readonly name: string; readonly fromKeyId: string | null }[];
  /** Encrypted with the key before. */
  readonly current: readonly string[];
  /** Left as they were: none of the keys reads them. */
  readonly unreadable: readonly { readonly name: string; readonly keyId: string | null }[];
}

type Outcome = 'rotated' | 'current' | 'unreadable';
type Seen = { readonly outcome: Outcome; readonly name: string; readonly keyId: string | null } | undefined;

/**
 * Encrypts the credentials of every provider with the first key of the ring, one provider at a time under its lock, so
 * that the service goes on working. Safe to repeat, and to stop half way.
 */
@Injectable()
export class RotateCredentials {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: ProviderAccounts,
    private readonly cipher: CredentialsCipher,
  ) {}

  async execute(): Promise<RotationReport> {
    const seen: NonNullable<Seen>[] = [];
    for (const id of await this.accounts.ids()) {
      const one = await this.unitOfWork.run(() => this.rotate(id));
      if (one) seen.push(one);
    }
    const of = (outcome: Outcome) => seen.filter((one) => one.outcome === outcome);
    return {
      keyId: this.cipher.currentKeyId,
      rotated: of('rotated').map(({ name, keyId }) => ({ name, fromKeyId: keyId })),
      current: of('current').map(({ name }) => name),
      unreadable: of('unreadable').map(({ name, keyId }) => ({ name, keyId })),
    };
  }

  /** Undefined when the provider has been removed meanwhile. */
  private async rotate(id: string): Promise<Seen> {
    const provider = await this.accounts.lock(id);
    if (!provider) return undefined;
    const keyId = this.cipher.keyIdOf(provider.encryptedCredentials);
    return { outcome: await this.reencrypt(provider, keyId), name: provider.name, keyId };
  }

  /** Credentials of the current key are read as well: what cannot be read must show. */
  private async reencrypt(provider: Provider, keyId: string | null): Promise<Outcome> {
    try {
      const credentials = await this.cipher.decrypt(provider, provider.encryptedCredentials);
      if (keyId === this.cipher.currentKeyId) return 'current';
      await this.accounts.reencrypt(provider.id, await this.cipher.encrypt(provider, credentials));
      return 'rotated';
    } catch (error) {
      if (error instanceof CredentialsUnreadable) return 'unreadable';
      throw error;
    }
  }
}

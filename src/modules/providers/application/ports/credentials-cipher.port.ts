import type { ProviderCredentials } from '../../domain/provider-credentials';

/** Whose credentials: they can only be read for the provider that they were written for. */
export interface CredentialsOwner {
  readonly id: string;
  readonly name: string;
}

/** Keeps credentials unreadable at rest. Several keys are known: the newest writes, all read. */
export abstract class CredentialsCipher {
  abstract encrypt(owner: CredentialsOwner, credentials: ProviderCredentials): Promise<string>;

  /** @throws DomainError `providers.credentials_unreadable` when the key is unknown or the text was written for another */
  abstract decrypt(owner: CredentialsOwner, encrypted: string): Promise<ProviderCredentials>;

  /** The id of the key that writes. @throws Error without any key */
  abstract readonly currentKeyId: string;

  /** The id of the key that wrote the text; null when that cannot be told. */
  abstract keyIdOf(encrypted: string): string | null;
}

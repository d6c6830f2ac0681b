import { Injectable } from '@nestjs/common';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { CredentialsCipher, type CredentialsOwner } from '../../application/ports/credentials-cipher.port';
import type { ProviderCredentials } from '../../domain/provider-credentials';
import { CredentialsUnreadable } from '../../domain/providers.errors';

const storedCredentials = z.object({ apiKey: z.string(), webhookSecret: z.string().optional() });

/** The keys, the one that encrypts first. */
export interface KeyRing {
  readonly keys: readonly { readonly id: string; readonly bytes: Uint8Array }[];
}

/**
 * Credentials as compact JWEs (direct AES-256-GCM). The protected header, which the cipher authenticates, names the key
 * and the provider: a row's credentials that are copied to another row cannot be read there.
 */
@Injectable()
export class JoseCredentialsCipher extends CredentialsCipher {
  constructor(private readonly ring: KeyRing) {
    super();
  }

  get currentKeyId(): string {
    return this.currentKey().id;
  }

  encrypt(owner: CredentialsOwner, credentials: ProviderCredentials): Promise<string> {
    const key = this.currentKey();
    return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(credentials)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: key.id, provider: owner.id })
      .encrypt(key.bytes);
  }

  async decrypt(owner: CredentialsOwner, encrypted: string): Promise<ProviderCredentials> {
    const keyId = this.keyIdOf(encrypted);
    const key = this.ring.keys.find(({ id }) => id === keyId);
    if (!key) throw unreadable(owner, keyId, 'the key is not configured');
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(encrypted, key.bytes, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      if (protectedHeader.provider !== owner.id)
        throw unreadable(owner, keyId, 'they were written for another provider');
      return storedCredentials.parse(JSON.parse(new TextDecoder().decode(plaintext)));
    } catch (error) {
      throw error instanceof CredentialsUnreadable ? error : unreadable(owner, keyId, 'the stored text is damaged');
    }
  }

  keyIdOf(encrypted: string): string | null {
    try {
      const { kid } = decodeProtectedHeader(encrypted);
      return kid ?? null;
    } catch {
      return null;
    }
  }

  private currentKey(): KeyRing['keys'][number] {
    const [key] = this.ring.keys;
    if (!key) throw new Error('The key ring is empty');
    return key;
  }
}

const unreadable = (owner: CredentialsOwner, keyId: string | null, reason: string) =>
  new CredentialsUnreadable(`${owner.name} (${owner.id})`, keyId ?? 'unknown', reason);

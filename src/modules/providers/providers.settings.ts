import { z } from 'zod';
import { httpUrl, milliseconds, secret, text, wholeNumber } from '../../shared/config/fields';

const KEY_BYTES = 32;

/** One key of the ring: its id, and 32 bytes. */
export interface CredentialsKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

const credentialsKeys = z.string().transform((ring, context): readonly CredentialsKey[] => {
  const keys = ring.split(',').map((entry) => {
    const [id = '', base64 = ''] = entry.trim().split(/:(.*)/s);
    return { id, bytes: new Uint8Array(Buffer.from(base64, 'base64')) };
  });
  for (const key of keys) {
    if (!/^[\w.-]{1,64}$/.test(key.id) || key.bytes.length !== KEY_BYTES) {
      context.addIssue({ code: 'custom', message: 'must be id:base64 of 32 bytes, separated by commas' });
      return z.NEVER;
    }
  }
  if (new Set(keys.map((key) => key.id)).size !== keys.length) {
    context.addIssue({ code: 'custom', message: 'names a key id twice' });
    return z.NEVER;
  }
  return keys;
});

export const providersVariables = {
  CREDENTIALS_KEYS: secret(credentialsKeys.optional()),
  VAPI_API_KEY: secret(text.optional()),
  VAPI_BASE_URL: httpUrl.optional(),
  RETELL_API_KEY: secret(text.optional()),
  RETELL_BASE_URL: httpUrl.optional(),
  PROVIDER_COOLDOWN_MS: milliseconds(5_000),
  LINE_QUARANTINE_MS: milliseconds(3_600_000),
  BREAKER_FAILURES: wholeNumber(5, 1, 1_000),
  BREAKER_OPEN_MS: milliseconds(30_000),
};

/** A vendor account that is registered at the first start. */
export interface InitialProvider {
  readonly driver: string;
  readonly apiKey: string;
  readonly baseUrl: string | undefined;
}

export interface ProvidersSettings {
  readonly publicUrl: string;
  readonly isProduction: boolean;
  /** The first encrypts, all decrypt. Never empty. */
  readonly credentialsKeys: readonly CredentialsKey[];
  readonly initialProviders: readonly InitialProvider[];
  /** After a concurrency or rate refusal that names no time. */
  readonly cooldownMs: number;
  readonly lineQuarantineMs: number;
  /** So many unreachable answers in a row open the breaker. */
  readonly breakerFailures: number;
  readonly breakerOpenMs: number;
}

/** What an account is reached with, decrypted; it lives in memory only. */
export interface ProviderCredentials {
  readonly apiKey: string;
  /** Proves that a webhook comes from the vendor. */
  readonly webhookSecret?: string | undefined;
}

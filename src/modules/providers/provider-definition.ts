import type { ProviderCredentials } from './domain/provider-credentials';
import type { CallProvider } from './public/call-provider.port';

export interface ProviderAccount {
  readonly credentials: ProviderCredentials;
  /** Undefined = the vendor's own address. Without a trailing slash. */
  readonly baseUrl: string | undefined;
}

/** A vendor that the service can work with: one folder under `adapters/`, one line in `registry.ts`. */
export interface ProviderDefinition {
  /** The value of a provider's `driver`. */
  readonly driver: string;
  /** Whether a webhook secret is made up when an administrator gives none. */
  readonly needsWebhookSecret: boolean;
  connect(account: ProviderAccount): CallProvider;
}

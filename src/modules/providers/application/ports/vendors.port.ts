import type { CallProvider } from '../../public/call-provider.port';
import type { ProviderCredentials } from '../../domain/provider-credentials';

/** The vendors that this build has drivers for. */
export abstract class Vendors {
  /** The values that a provider's `driver` may have. */
  abstract readonly drivers: readonly string[];

  /** Whether a webhook secret is made up when an administrator gives none. */
  abstract needsWebhookSecret(driver: string): boolean;

  /** The driver for one account. @throws Error for a driver that is not in `drivers` */
  abstract connect(driver: string, credentials: ProviderCredentials, baseUrl: string | null): CallProvider;
}

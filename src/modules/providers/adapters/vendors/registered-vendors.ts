import { Injectable } from '@nestjs/common';
import { Vendors } from '../../application/ports/vendors.port';
import type { ProviderCredentials } from '../../domain/provider-credentials';
import { DriverUnknown } from '../../domain/providers.errors';
import type { ProviderDefinition } from '../../provider-definition';
import type { CallProvider } from '../../public/call-provider.port';

/** The vendors of the registry. */
@Injectable()
export class RegisteredVendors extends Vendors {
  readonly drivers: readonly string[];

  constructor(private readonly definitions: readonly ProviderDefinition[]) {
    super();
    this.drivers = definitions.map(({ driver }) => driver);
  }

  needsWebhookSecret(driver: string): boolean {
    return this.definition(driver).needsWebhookSecret;
  }

  connect(driver: string, credentials: ProviderCredentials, baseUrl: string | null): CallProvider {
    return this.definition(driver).connect({ credentials, baseUrl: baseUrl ?? undefined });
  }

  private definition(driver: string): ProviderDefinition {
    const definition = this.definitions.find((one) => one.driver === driver);
    if (!definition) throw new DriverUnknown(driver);
    return definition;
  }
}

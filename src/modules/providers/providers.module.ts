import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import { JoseCredentialsCipher } from './adapters/crypto/jose-credentials-cipher';
import { DrizzleAssistantInventory } from './adapters/drizzle/drizzle-assistant-inventory';
import { DrizzlePhoneNumberInventory } from './adapters/drizzle/drizzle-phone-number-inventory';
import { DrizzleProviderAccounts } from './adapters/drizzle/drizzle-provider-accounts';
import { DrizzleProviderPool } from './adapters/drizzle/drizzle-provider-pool';
import { AssistantsController } from './adapters/http/assistants.controller';
import { PhoneNumbersController } from './adapters/http/phone-numbers.controller';
import { ProviderActionsController } from './adapters/http/provider-actions.controller';
import { ProviderViews } from './adapters/http/provider-views';
import { ProvidersController } from './adapters/http/providers.controller';
import { LibphonenumberNumberingPlan } from './adapters/phone-numbers/libphonenumber-numbering-plan';
import { InitialAccounts, InitialProviders } from './adapters/schedule/initial-providers';
import { RegisteredVendors } from './adapters/vendors/registered-vendors';
import { AddPhoneNumber } from './application/add-phone-number';
import { ChangeProvider } from './application/change-provider';
import { ConnectProvider } from './application/connect-provider';
import { CreateProvider } from './application/create-provider';
import { ImportAccount } from './application/import-account';
import { ImportAssistants } from './application/import-assistants';
import { ImportPhoneNumbers } from './application/import-phone-numbers';
import { AssistantInventory } from './application/ports/assistant-inventory.port';
import { CredentialsCipher } from './application/ports/credentials-cipher.port';
import { NumberingPlan } from './application/ports/numbering-plan.port';
import { PhoneNumberInventory } from './application/ports/phone-number-inventory.port';
import { ProviderAccounts } from './application/ports/provider-accounts.port';
import { Vendors } from './application/ports/vendors.port';
import { RegisterInitialProvider } from './application/register-initial-provider';
import { RenewCredentials } from './application/renew-credentials';
import { VerifyProvider } from './application/verify-provider';
import { BaseUrlRule } from './domain/base-url-rule';
import { HealthPolicy } from './domain/health-policy';
import { WebhookUrls } from './domain/webhook-urls';
import type { ProvidersSettings } from './providers.settings';
import { ProviderPool } from './public/provider-pool.port';
import { registry } from './registry';

const useCases = [
  AddPhoneNumber,
  ChangeProvider,
  ConnectProvider,
  CreateProvider,
  ImportAccount,
  ImportAssistants,
  ImportPhoneNumbers,
  RegisterInitialProvider,
  RenewCredentials,
  VerifyProvider,
];

const adapters: Provider[] = [
  { provide: ProviderAccounts, useClass: DrizzleProviderAccounts },
  { provide: PhoneNumberInventory, useClass: DrizzlePhoneNumberInventory },
  { provide: AssistantInventory, useClass: DrizzleAssistantInventory },
  { provide: ProviderPool, useClass: DrizzleProviderPool },
  { provide: NumberingPlan, useClass: LibphonenumberNumberingPlan },
  { provide: Vendors, useValue: new RegisteredVendors(registry) },
  ProviderViews,
  InitialProviders,
];

/** Global: the calls use its pool without knowing how providers are configured. */
@Global()
@Module({})
export class ProvidersModule {
  static register(settings: ProvidersSettings): DynamicModule {
    return {
      module: ProvidersModule,
      controllers: [ProvidersController, ProviderActionsController, PhoneNumbersController, AssistantsController],
      providers: [...useCases, ...adapters, ...configured(settings)],
      exports: [ProviderPool],
    };
  }
}

/** What depends on the settings. */
function configured(settings: ProvidersSettings): Provider[] {
  const { cooldownMs, lineQuarantineMs, breakerFailures, breakerOpenMs } = settings;
  const initial = settings.initialProviders.map((account, index) => ({ ...account, priority: index + 1 }));
  return [
    { provide: CredentialsCipher, useValue: new JoseCredentialsCipher({ keys: settings.credentialsKeys }) },
    { provide: BaseUrlRule, useValue: new BaseUrlRule(settings.isProduction) },
    { provide: WebhookUrls, useValue: new WebhookUrls(settings.publicUrl) },
    {
      provide: HealthPolicy,
      useValue: new HealthPolicy({ cooldownMs, lineQuarantineMs, breakerFailures, breakerOpenMs }),
    },
    { provide: InitialAccounts, useValue: new InitialAccounts(initial) },
  ];
}

import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import { AuditLog } from './adapters/audit/audit-log';
import { AuditedAssistantInventory } from './adapters/audit/audited-assistant-inventory';
import { AuditedPhoneNumberInventory } from './adapters/audit/audited-phone-number-inventory';
import { AuditedProviderAccounts } from './adapters/audit/audited-provider-accounts';
import { JoseCredentialsCipher } from './adapters/crypto/jose-credentials-cipher';
import { DrizzleAssistantInventory } from './adapters/drizzle/drizzle-assistant-inventory';
import { DrizzlePhoneNumberInventory } from './adapters/drizzle/drizzle-phone-number-inventory';
import { DrizzleProviderAccounts } from './adapters/drizzle/drizzle-provider-accounts';
import { DrizzleProviderPool } from './adapters/drizzle/drizzle-provider-pool';
import { AssistantsController } from './adapters/http/assistants.controller';
import { PhoneNumbersController } from './adapters/http/phone-numbers.controller';
import { ProviderActionsController } from './adapters/http/provider-actions.controller';
import { ProviderPausesController } from './adapters/http/provider-pauses.controller';
import { ProviderViews } from './adapters/http/provider-views';
import { ProvidersController } from './adapters/http/providers.controller';
import { ProviderGauges } from './adapters/metrics/provider-gauges';
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
import { PauseProvider } from './application/pause-provider';
import { AssistantInventory } from './application/ports/assistant-inventory.port';
import { CredentialsCipher } from './application/ports/credentials-cipher.port';
import { NumberingPlan } from './application/ports/numbering-plan.port';
import { PhoneNumberInventory } from './application/ports/phone-number-inventory.port';
import { ProviderAccounts } from './application/ports/provider-accounts.port';
import { Vendors } from './application/ports/vendors.port';
import { RegisterInitialProvider } from './application/register-initial-provider';
import { RenewCredentials } from './application/renew-credentials';
import { ResumeProvider } from './application/resume-provider';
import { TakeOverAccount } from './application/take-over-account';
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
  PauseProvider,
  RegisterInitialProvider,
  RenewCredentials,
  ResumeProvider,
  TakeOverAccount,
  VerifyProvider,
];

/** What administrators change: everybody gets the ports with the audit entries, nobody the bare tables. */
const audited: Provider[] = [
  AuditLog,
  DrizzleProviderAccounts,
  DrizzlePhoneNumberInventory,
  DrizzleAssistantInventory,
  {
    provide: ProviderAccounts,
    useFactory: (accounts: DrizzleProviderAccounts, log: AuditLog, cipher: CredentialsCipher) =>
      new AuditedProviderAccounts(accounts, log, cipher),
    inject: [DrizzleProviderAccounts, AuditLog, CredentialsCipher],
  },
  {
    provide: PhoneNumberInventory,
    useFactory: (inventory: DrizzlePhoneNumberInventory, log: AuditLog) =>
      new AuditedPhoneNumberInventory(inventory, log),
    inject: [DrizzlePhoneNumberInventory, AuditLog],
  },
  {
    provide: AssistantInventory,
    useFactory: (inventory: DrizzleAssistantInventory, log: AuditLog) => new AuditedAssistantInventory(inventory, log),
    inject: [DrizzleAssistantInventory, AuditLog],
  },
];

const adapters: Provider[] = [
  { provide: ProviderPool, useClass: DrizzleProviderPool },
  { provide: NumberingPlan, useClass: LibphonenumberNumberingPlan },
  { provide: Vendors, useValue: new RegisteredVendors(registry) },
  ProviderViews,
  InitialProviders,
  ProviderGauges,
];

/** Global: the calls use its pool without knowing how providers are configured. */
@Global()
@Module({})
export class ProvidersModule {
  static register(settings: ProvidersSettings): DynamicModule {
    return {
      module: ProvidersModule,
      controllers: [
        ProvidersController,
        ProviderActionsController,
        ProviderPausesController,
        PhoneNumbersController,
        AssistantsController,
      ],
      providers: [...useCases, ...audited, ...adapters, ...configured(settings)],
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

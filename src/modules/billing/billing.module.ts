import { type DynamicModule, Global, Module, type OnModuleInit } from '@nestjs/common';
import { DomainEvents } from '../../shared/kernel/domain-events.port';
import { DrizzlePlans } from './adapters/drizzle/drizzle-plans';
import { DrizzleSubscriptions } from './adapters/drizzle/drizzle-subscriptions';
import { DrizzleUsageLedger } from './adapters/drizzle/drizzle-usage-ledger';
import { DrizzleUsageReports } from './adapters/drizzle/drizzle-usage-reports';
import { PlansController } from './adapters/http/plans.controller';
import { SubscriptionController } from './adapters/http/subscription.controller';
import { UsageController } from './adapters/http/usage.controller';
import { UnconfiguredPaymentGateway } from './adapters/unconfigured/unconfigured-payment-gateway';
import { ActivateProfile } from './application/activate-profile';
import { CancelSubscription } from './application/cancel-subscription';
import { GetSubscription } from './application/get-subscription';
import { GetUsage } from './application/get-usage';
import { ListPlans } from './application/list-plans';
import { ListUsageEntries } from './application/list-usage-entries';
import { OpenBillingPortal } from './application/open-billing-portal';
import { PaymentGateway } from './application/ports/payment-gateway.port';
import { Plans } from './application/ports/plans.port';
import { Subscriptions } from './application/ports/subscriptions.port';
import { UsageReports } from './application/ports/usage-reports.port';
import { Subscribe } from './application/subscribe';
import { SubscriptionChanged } from './public/subscription-changed.event';
import { UsageLedger } from './public/usage-ledger.port';

/** Global: the calls use its ledger without knowing how billing is configured. */
@Global()
@Module({})
export class BillingModule implements OnModuleInit {
  constructor(
    private readonly events: DomainEvents,
    private readonly activateProfile: ActivateProfile,
  ) {}

  static register(): DynamicModule {
    return {
      module: BillingModule,
      controllers: [PlansController, SubscriptionController, UsageController],
      providers: [
        ListPlans,
        GetSubscription,
        Subscribe,
        CancelSubscription,
        OpenBillingPortal,
        GetUsage,
        ListUsageEntries,
        ActivateProfile,
        { provide: Plans, useClass: DrizzlePlans },
        { provide: Subscriptions, useClass: DrizzleSubscriptions },
        { provide: PaymentGateway, useClass: UnconfiguredPaymentGateway },
        { provide: UsageReports, useClass: DrizzleUsageReports },
        { provide: UsageLedger, useClass: DrizzleUsageLedger },
      ],
      exports: [UsageLedger],
    };
  }

  onModuleInit(): void {
    this.events.subscribe(SubscriptionChanged, (event) => this.activateProfile.execute(event));
  }
}

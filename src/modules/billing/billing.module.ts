import { type DynamicModule, Global, Module, type OnModuleInit, type Provider, type Type } from '@nestjs/common';
import { DomainEvents } from '../../shared/kernel/domain-events.port';
import { DrizzleAllowances } from './adapters/drizzle/drizzle-allowances';
import { DrizzleBillingWatch } from './adapters/drizzle/drizzle-billing-watch';
import { DrizzleCheckouts } from './adapters/drizzle/drizzle-checkouts';
import { DrizzleCustomers } from './adapters/drizzle/drizzle-customers';
import { DrizzleLocalPaymentRecords } from './adapters/drizzle/drizzle-local-payment-records';
import { DrizzleNotedChanges } from './adapters/drizzle/drizzle-noted-changes';
import { DrizzlePaidSubscriptions } from './adapters/drizzle/drizzle-paid-subscriptions';
import { DrizzlePaymentEvents } from './adapters/drizzle/drizzle-payment-events';
import { DrizzlePlans } from './adapters/drizzle/drizzle-plans';
import { DrizzleSubscriberRecords } from './adapters/drizzle/drizzle-subscriber-records';
import { DrizzleSubscriptions } from './adapters/drizzle/drizzle-subscriptions';
import { DrizzleUsageLedger } from './adapters/drizzle/drizzle-usage-ledger';
import { DrizzleUsageReports } from './adapters/drizzle/drizzle-usage-reports';
import { DrizzleUserLimits } from './adapters/drizzle/drizzle-user-limits';
import { PaymentPagesController } from './adapters/http/payment-pages.controller';
import { PlansController } from './adapters/http/plans.controller';
import { StripeWebhooksController } from './adapters/http/stripe-webhooks.controller';
import { SubscriptionController } from './adapters/http/subscription.controller';
import { UsageController } from './adapters/http/usage.controller';
import { UserLimitsController } from './adapters/http/user-limits.controller';
import { FormBodies } from './adapters/local/form-bodies';
import { LocalCheckoutDesk } from './adapters/local/local-checkout-desk';
import { LocalCustomers } from './adapters/local/local-customers';
import { LocalOffers } from './adapters/local/local-offers';
import { LocalPaymentGateway } from './adapters/local/local-payment-gateway';
import { LocalPaymentsController } from './adapters/local/local-payments.controller';
import { LocalPortalDesk } from './adapters/local/local-portal-desk';
import { LocalRecords } from './adapters/local/local-records';
import { BillingMetrics } from './adapters/metrics/billing-metrics';
import { PaymentEventSchedule } from './adapters/schedule/payment-event-schedule';
import { ReconcilePaymentsSchedule } from './adapters/schedule/reconcile-payments-schedule';
import { RetireLocalPaymentsAtStart } from './adapters/schedule/retire-local-payments-at-start';
import { StripePaymentGateway } from './adapters/stripe/stripe-payment-gateway';
import { UnconfiguredPaymentGateway } from './adapters/unconfigured/unconfigured-payment-gateway';
import { ForgetPaymentEventsSchedule } from './adapters/schedule/forget-payment-events-schedule';
import { ActivateProfile } from './application/activate-profile';
import { BeforeComparison, NothingBeforeComparison } from './application/before-comparison';
import { BillingSettings } from './application/billing-settings';
import { EnsureLocalDatabase } from './application/ensure-local-database';
import { FollowUserLimits } from './application/follow-user-limits';
import { ForgetSubscriber } from './application/forget-subscriber';
import { GetSubscription } from './application/get-subscription';
import { GetUsage } from './application/get-usage';
import { GetUserLimits } from './application/get-user-limits';
import { ListPlans } from './application/list-plans';
import { ListUsageEntries } from './application/list-usage-entries';
import { OfferPlans } from './application/offer-plans';
import { Allowances } from './application/ports/allowances.port';
import { BillingWatch } from './application/ports/billing-watch.port';
import { Checkouts } from './application/ports/checkouts.port';
import { Customers } from './application/ports/customers.port';
import { LocalPaymentRecords } from './application/ports/local-payment-records.port';
import { NotedChanges } from './application/ports/noted-changes.port';
import { PaidSubscriptions } from './application/ports/paid-subscriptions.port';
import { PaymentEvents } from './application/ports/payment-events.port';
import { PaymentGateway } from './application/ports/payment-gateway.port';
import { Plans } from './application/ports/plans.port';
import { SubscriberRecords } from './application/ports/subscriber-records.port';
import { Subscriptions } from './application/ports/subscriptions.port';
import { UsageReports } from './application/ports/usage-reports.port';
import { UserLimits } from './application/ports/user-limits.port';
import { RemoveUserLimits } from './application/remove-user-limits';
import { RetireCustomer } from './application/retire-customer';
import { RetireLocalPayments } from './application/retire-local-payments';
import { RetireSubscriptions } from './application/retire-subscriptions';
import { SetUserLimits } from './application/set-user-limits';
import type { BillingModuleSettings } from './billing.settings';
import { FOLLOWING, SUBSCRIBING } from './billing.use-cases';
import { SubscriberErasure } from './public/subscriber-erasure.port';
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

  static register(settings: BillingModuleSettings): DynamicModule {
    return {
      module: BillingModule,
      controllers: [
        PlansController,
        SubscriptionController,
        UsageController,
        UserLimitsController,
        StripeWebhooksController,
        PaymentPagesController,
        ...pagesOf(settings),
      ],
      providers: [
        ListPlans,
        GetSubscription,
        GetUsage,
        ListUsageEntries,
        ActivateProfile,
        ...SUBSCRIBING,
        ...FOLLOWING,
        ForgetPaymentEventsSchedule,
        ...METRICS,
        { provide: BillingSettings, useValue: settings },
        { provide: Plans, useClass: DrizzlePlans },
        { provide: Subscriptions, useClass: DrizzleSubscriptions },
        { provide: Customers, useClass: DrizzleCustomers },
        { provide: PaidSubscriptions, useClass: DrizzlePaidSubscriptions },
        { provide: Checkouts, useClass: DrizzleCheckouts },
        { provide: NotedChanges, useClass: DrizzleNotedChanges },
        { provide: PaymentEvents, useClass: DrizzlePaymentEvents },
        { provide: Allowances, useClass: DrizzleAllowances },
        ...paymentSide(settings),
        { provide: UsageReports, useClass: DrizzleUsageReports },
        { provide: UsageLedger, useClass: DrizzleUsageLedger },
        ...ERASING,
        ...USER_LIMITS,
      ],
      exports: [UsageLedger, SubscriberErasure],
    };
  }

  onModuleInit(): void {
    this.events.subscribe(SubscriptionChanged, (events) => this.activateProfile.execute(events));
  }
}

const METRICS: Provider[] = [BillingMetrics, { provide: BillingWatch, useClass: DrizzleBillingWatch }];

const ERASING: Provider[] = [
  { provide: SubscriberErasure, useClass: ForgetSubscriber },
  { provide: SubscriberRecords, useClass: DrizzleSubscriberRecords },
];

const USER_LIMITS: Provider[] = [
  GetUserLimits,
  SetUserLimits,
  RemoveUserLimits,
  FollowUserLimits,
  { provide: UserLimits, useClass: DrizzleUserLimits },
];

/** Who takes the money, with what that needs. */
function paymentSide({ payments }: BillingModuleSettings): Provider[] {
  if (payments.kind === 'local') return LOCAL_PAYMENTS;
  if (payments.kind === 'none')
    return [...NOTHING_BEFORE, { provide: PaymentGateway, useClass: UnconfiguredPaymentGateway }];
  const { stripe } = payments;
  return [...SCHEDULE, ...RETIRING, { provide: PaymentGateway, useFactory: () => new StripePaymentGateway(stripe) }];
}

const SCHEDULE: Provider[] = [PaymentEventSchedule, ReconcilePaymentsSchedule];

/** What was bought where nobody pays ends where somebody does. */
const RETIRING: Provider[] = [
  RetireLocalPaymentsAtStart,
  RetireLocalPayments,
  { provide: BeforeComparison, useExisting: RetireLocalPayments },
  RetireCustomer,
  RetireSubscriptions,
];
const NOTHING_BEFORE: Provider[] = [{ provide: BeforeComparison, useClass: NothingBeforeComparison }];

const LOCAL_PAYMENTS: Provider[] = [
  ...NOTHING_BEFORE,
  ...SCHEDULE,
  EnsureLocalDatabase,
  LocalRecords,
  LocalCustomers,
  LocalCheckoutDesk,
  LocalPortalDesk,
  FormBodies,
  OfferPlans,
  LocalOffers,
  { provide: LocalPaymentRecords, useClass: DrizzleLocalPaymentRecords },
  { provide: PaymentGateway, useClass: LocalPaymentGateway },
];

function pagesOf({ payments }: BillingModuleSettings): Type[] {
  return payments.kind === 'local' ? [LocalPaymentsController] : [];
}

import { type DynamicModule, Global, Module, type OnModuleInit, type Provider, type Type } from '@nestjs/common';
import { DomainEvents } from '../../shared/kernel/domain-events.port';
import { DrizzleAllowances } from './adapters/drizzle/drizzle-allowances';
import { DrizzleCheckouts } from './adapters/drizzle/drizzle-checkouts';
import { DrizzleCustomers } from './adapters/drizzle/drizzle-customers';
import { DrizzleLocalPaymentRecords } from './adapters/drizzle/drizzle-local-payment-records';
import { DrizzlePaidSubscriptions } from './adapters/drizzle/drizzle-paid-subscriptions';
import { DrizzlePaymentEvents } from './adapters/drizzle/drizzle-payment-events';
import { DrizzlePlans } from './adapters/drizzle/drizzle-plans';
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
import { ForgetPaymentEventsSchedule } from './adapters/schedule/forget-payment-events-schedule';
import { PaymentEventSchedule } from './adapters/schedule/payment-event-schedule';
import { ReconcilePaymentsSchedule } from './adapters/schedule/reconcile-payments-schedule';
import { RetireLocalPaymentsAtStart } from './adapters/schedule/retire-local-payments-at-start';
import { StripePaymentGateway } from './adapters/stripe/stripe-payment-gateway';
import { UnconfiguredPaymentGateway } from './adapters/unconfigured/unconfigured-payment-gateway';
import { ActivateProfile } from './application/activate-profile';
import { ApplyAnswer } from './application/apply-answer';
import { BillingSettings } from './application/billing-settings';
import { CancelSubscription } from './application/cancel-subscription';
import { CarryOutDecision } from './application/carry-out-decision';
import { ChangePaidPlan } from './application/change-paid-plan';
import { ChangeSubscriptions } from './application/change-subscriptions';
import { ChooseFreePlan } from './application/choose-free-plan';
import { ChoosePaidPlan } from './application/choose-paid-plan';
import { EnsureCustomer } from './application/ensure-customer';
import { EnsureLocalDatabase } from './application/ensure-local-database';
import { FindOwner } from './application/find-owner';
import { FollowCustomer } from './application/follow-customer';
import { FollowOrphan } from './application/follow-orphan';
import { FollowUserLimits } from './application/follow-user-limits';
import { ForgetPaymentEvents } from './application/forget-payment-events';
import { GetSubscription } from './application/get-subscription';
import { GetUsage } from './application/get-usage';
import { GetUserLimits } from './application/get-user-limits';
import { KeepCustomer } from './application/keep-customer';
import { ListPayments } from './application/list-payments';
import { ListPlans } from './application/list-plans';
import { ListUsageEntries } from './application/list-usage-entries';
import { OfferPlans } from './application/offer-plans';
import { OpenBillingPortal } from './application/open-billing-portal';
import { OpenCheckout } from './application/open-checkout';
import { PaymentEventSignal } from './application/payment-event-signal';
import { Allowances } from './application/ports/allowances.port';
import { Checkouts } from './application/ports/checkouts.port';
import { Customers } from './application/ports/customers.port';
import { LocalPaymentRecords } from './application/ports/local-payment-records.port';
import { PaidSubscriptions } from './application/ports/paid-subscriptions.port';
import { PaymentEvents } from './application/ports/payment-events.port';
import { PaymentGateway } from './application/ports/payment-gateway.port';
import { Plans } from './application/ports/plans.port';
import { Subscriptions } from './application/ports/subscriptions.port';
import { UsageReports } from './application/ports/usage-reports.port';
import { UserLimits } from './application/ports/user-limits.port';
import { ProcessPaymentEvents } from './application/process-payment-events';
import { ReadTerms } from './application/read-terms';
import { ReceivePaymentWebhook } from './application/receive-payment-webhook';
import { ReconcilePayments } from './application/reconcile-payments';
import { RecordAnswer } from './application/record-answer';
import { RemoveUserLimits } from './application/remove-user-limits';
import { RetireCustomer } from './application/retire-customer';
import { RetireLocalPayments } from './application/retire-local-payments';
import { RetireSubscriptions } from './application/retire-subscriptions';
import { SetUserLimits } from './application/set-user-limits';
import { StartFreePlan } from './application/start-free-plan';
import { Subscribe } from './application/subscribe';
import { SyncCustomer } from './application/sync-customer';
import { SyncUser } from './application/sync-user';
import { TakePaymentEvent } from './application/take-payment-event';
import type { BillingModuleSettings } from './billing.settings';
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
        { provide: BillingSettings, useValue: settings },
        { provide: Plans, useClass: DrizzlePlans },
        { provide: Subscriptions, useClass: DrizzleSubscriptions },
        { provide: Customers, useClass: DrizzleCustomers },
        { provide: PaidSubscriptions, useClass: DrizzlePaidSubscriptions },
        { provide: Checkouts, useClass: DrizzleCheckouts },
        { provide: PaymentEvents, useClass: DrizzlePaymentEvents },
        { provide: Allowances, useClass: DrizzleAllowances },
        ...paymentSide(settings),
        { provide: UsageReports, useClass: DrizzleUsageReports },
        { provide: UsageLedger, useClass: DrizzleUsageLedger },
        ...USER_LIMITS,
      ],
      exports: [UsageLedger],
    };
  }

  onModuleInit(): void {
    this.events.subscribe(SubscriptionChanged, (event) => this.activateProfile.execute(event));
  }
}

/** What users ask for. */
const SUBSCRIBING: Provider[] = [
  Subscribe,
  CancelSubscription,
  OpenBillingPortal,
  ChooseFreePlan,
  ChoosePaidPlan,
  ChangePaidPlan,
  OpenCheckout,
  EnsureCustomer,
  KeepCustomer,
  StartFreePlan,
  ChangeSubscriptions,
];

/** How ours follow the payment side. */
const FOLLOWING: Provider[] = [
  ReceivePaymentWebhook,
  TakePaymentEvent,
  PaymentEventSignal,
  ProcessPaymentEvents,
  ForgetPaymentEvents,
  ForgetPaymentEventsSchedule,
  ReconcilePayments,
  ListPayments,
  SyncUser,
  SyncCustomer,
  FollowCustomer,
  FindOwner,
  FollowOrphan,
  RecordAnswer,
  ApplyAnswer,
  CarryOutDecision,
  ReadTerms,
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
  if (payments.kind === 'none') return [{ provide: PaymentGateway, useClass: UnconfiguredPaymentGateway }];
  const { stripe } = payments;
  return [...SCHEDULE, ...RETIRING, { provide: PaymentGateway, useFactory: () => new StripePaymentGateway(stripe) }];
}

const SCHEDULE: Provider[] = [PaymentEventSchedule, ReconcilePaymentsSchedule];

/** What was bought where nobody pays ends where somebody does. */
const RETIRING: Provider[] = [RetireLocalPaymentsAtStart, RetireLocalPayments, RetireCustomer, RetireSubscriptions];

const LOCAL_PAYMENTS: Provider[] = [
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

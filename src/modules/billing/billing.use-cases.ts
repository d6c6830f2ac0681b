import type { Type } from '@nestjs/common';
import { ApplyAnswer } from './application/apply-answer';
import { CancelPaidPlan } from './application/cancel-paid-plan';
import { CancelSubscription } from './application/cancel-subscription';
import { CarryOutDecision } from './application/carry-out-decision';
import { ChangePaidPlan } from './application/change-paid-plan';
import { ChangeSubscriptions } from './application/change-subscriptions';
import { ChooseFreePlan } from './application/choose-free-plan';
import { ChoosePaidPlan } from './application/choose-paid-plan';
import { EndErased } from './application/end-erased';
import { EnsureCustomer } from './application/ensure-customer';
import { FindOwner } from './application/find-owner';
import { FinishChanges } from './application/finish-changes';
import { FollowCustomer } from './application/follow-customer';
import { FollowOrphan } from './application/follow-orphan';
import { FollowOwner } from './application/follow-owner';
import { ForgetPaymentEvents } from './application/forget-payment-events';
import { GiveFreePlan } from './application/give-free-plan';
import { KeepCustomer } from './application/keep-customer';
import { ListPayments } from './application/list-payments';
import { OneChangeAtATime } from './application/one-change-at-a-time';
import { OpenBillingPortal } from './application/open-billing-portal';
import { OpenCheckout } from './application/open-checkout';
import { PaymentEventSignal } from './application/payment-event-signal';
import { ProcessPaymentEvents } from './application/process-payment-events';
import { ReadTerms } from './application/read-terms';
import { ReceivePaymentWebhook } from './application/receive-payment-webhook';
import { ReconcilePayments } from './application/reconcile-payments';
import { RecordAnswer } from './application/record-answer';
import { RequireSubscriber } from './application/require-subscriber';
import { SettleSecondCustomer } from './application/settle-second-customer';
import { StartFreePlan } from './application/start-free-plan';
import { Subscribe } from './application/subscribe';
import { SyncCustomer } from './application/sync-customer';
import { SyncUser } from './application/sync-user';
import { TakePaymentEvent } from './application/take-payment-event';

/** What users ask for. */
export const SUBSCRIBING: readonly Type[] = [
  Subscribe,
  CancelSubscription,
  CancelPaidPlan,
  OneChangeAtATime,
  OpenBillingPortal,
  ChooseFreePlan,
  ChoosePaidPlan,
  ChangePaidPlan,
  OpenCheckout,
  EnsureCustomer,
  KeepCustomer,
  RequireSubscriber,
  GiveFreePlan,
  StartFreePlan,
  ChangeSubscriptions,
];

/** How ours follow the payment side. */
export const FOLLOWING: readonly Type[] = [
  ReceivePaymentWebhook,
  TakePaymentEvent,
  PaymentEventSignal,
  ProcessPaymentEvents,
  ForgetPaymentEvents,
  ReconcilePayments,
  ListPayments,
  SyncUser,
  SyncCustomer,
  FollowCustomer,
  FollowOwner,
  FinishChanges,
  FindOwner,
  SettleSecondCustomer,
  FollowOrphan,
  EndErased,
  RecordAnswer,
  ApplyAnswer,
  CarryOutDecision,
  ReadTerms,
];

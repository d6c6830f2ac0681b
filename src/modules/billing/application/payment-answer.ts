import type { PaymentSubscription } from '../domain/payment-subscription';
import type { Moment } from './ports/customers.port';

/** What the payment side said about one customer. */
export interface PaymentAnswer {
  readonly customerId: string;
  /** When it was asked. */
  readonly askedAt: Moment;
  /** All that it has, ended ones included. */
  readonly subscriptions: readonly PaymentSubscription[];
  /** Whether the customer is gone there. */
  readonly isDeleted: boolean;
}

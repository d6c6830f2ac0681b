import { isOver } from '../domain/paid-subscription';
import type { PaymentSubscription } from '../domain/payment-subscription';
import type { Moment } from './ports/customers.port';

/** What the payment side said about one customer. */
export interface PaymentAnswer {
  readonly customerId: string;
  /** When it was asked. */
  readonly askedAt: Moment;
  /** All that it has, ended ones included. */
  readonly subscriptions: readonly PaymentSubscription[];
  /** Whether the customer is gone there; null = that was not asked. */
  readonly isDeleted: boolean | null;
}

/** Whoever is gone has nothing that goes on. */
export function showsCustomer({ isDeleted, subscriptions }: PaymentAnswer): boolean {
  return isDeleted === false || subscriptions.some((subscription) => !isOver(subscription));
}

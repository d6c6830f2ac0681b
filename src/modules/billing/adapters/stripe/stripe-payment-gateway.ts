import { Injectable } from '@nestjs/common';
import {
  type Checkout,
  type CheckoutRequest,
  type NewCustomer,
  type PaymentEvent,
  PaymentGateway,
  type PaymentWebhook,
  type PriceChange,
  type UnreadCustomer,
} from '../../application/ports/payment-gateway.port';
import type { StripeSettings } from '../../billing.settings';
import type { PaymentSubscription } from '../../domain/payment-subscription';
import type { Plan } from '../../domain/plan';
import { readEvent } from './read-event';
import { StripeCatalog } from './stripe-catalog';
import { StripeCheckouts } from './stripe-checkouts';
import { createStripe, STRIPE_PATIENCE } from './stripe-client';
import { asking, toDomainError } from './stripe-errors';
import { StripeOperations } from './stripe-operations';
import { StripePlanChanges } from './stripe-plan-changes';
import { StripePortal } from './stripe-portal';
import { StripeSubscriptions } from './stripe-subscriptions';

/** One account at Stripe. */
@Injectable()
export class StripePaymentGateway extends PaymentGateway {
  private readonly subscriptions: StripeSubscriptions;
  private readonly checkouts: StripeCheckouts;
  private readonly changes: StripePlanChanges;
  private readonly portal: StripePortal;
  private readonly catalog: StripeCatalog;

  constructor(
    private readonly settings: StripeSettings,
    patience = STRIPE_PATIENCE,
  ) {
    super();
    const stripe = createStripe(settings, patience);
    const operations = new StripeOperations();
    this.subscriptions = new StripeSubscriptions(stripe);
    this.checkouts = new StripeCheckouts(stripe, operations);
    this.changes = new StripePlanChanges(stripe, operations);
    this.portal = new StripePortal(stripe, operations);
    this.catalog = new StripeCatalog(stripe, operations);
  }

  createCustomer(customer: NewCustomer): Promise<string> {
    return asking(() => this.checkouts.createCustomer(customer));
  }

  openCheckout(request: CheckoutRequest): Promise<Checkout> {
    return asking(() => this.checkouts.open(request));
  }

  closeCheckouts(customerId: string, except: string | null): Promise<void> {
    return asking(() => this.checkouts.close(customerId, except));
  }

  closeCheckout(checkoutId: string): Promise<void> {
    return asking(() => this.checkouts.expire(checkoutId));
  }

  subscriptionsOf(customerId: string, knownIds: readonly string[]): Promise<readonly PaymentSubscription[]> {
    return asking(() => this.subscriptions.ofCustomer(customerId, knownIds));
  }

  isDeleted(customerId: string): Promise<boolean> {
    return asking(() => this.subscriptions.isDeleted(customerId));
  }

  async *allSubscriptions(): AsyncGenerator<readonly (PaymentSubscription | UnreadCustomer)[]> {
    try {
      yield* this.subscriptions.all();
    } catch (error) {
      throw toDomainError(error);
    }
  }

  changeNow(change: PriceChange): Promise<boolean> {
    return asking(() => this.changes.changeNow(change));
  }

  changeAtPeriodEnd(change: PriceChange): Promise<void> {
    return asking(() => this.changes.changeAtPeriodEnd(change));
  }

  cancelAtPeriodEnd(operationId: string, subscriptionId: string, freeFollows: boolean): Promise<void> {
    return asking(() => this.changes.cancelAtPeriodEnd(operationId, subscriptionId, freeFollows));
  }

  goOn(operationId: string, subscriptionId: string): Promise<void> {
    return asking(() => this.changes.goOn(operationId, subscriptionId));
  }

  finishInterrupted(subscriptionId: string): Promise<void> {
    return asking(() => this.changes.finishInterrupted(subscriptionId));
  }

  forgetInterrupted(subscriptionId: string): Promise<void> {
    return asking(() => this.changes.forgetInterrupted(subscriptionId));
  }

  awaitsPayment(subscriptionId: string): Promise<boolean> {
    return asking(() => this.changes.awaitsPayment(subscriptionId));
  }

  cancelNow(subscriptionId: string): Promise<void> {
    return asking(() => this.changes.cancelNow(subscriptionId));
  }

  openPortal(customerId: string, returnUrl: string): Promise<string> {
    return asking(() => this.portal.open(customerId, returnUrl));
  }

  offer(plan: Plan): Promise<string> {
    return asking(() => this.catalog.offer(plan));
  }

  readEvent(webhook: PaymentWebhook): PaymentEvent {
    return readEvent(webhook, this.settings.webhookSecrets);
  }
}

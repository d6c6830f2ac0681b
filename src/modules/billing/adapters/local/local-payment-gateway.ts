import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { BillingSettings } from '../../application/billing-settings';
import {
  type Checkout,
  type CheckoutRequest,
  type NewCustomer,
  PaymentGateway,
  type PriceChange,
} from '../../application/ports/payment-gateway.port';
import { PaymentObjectMissing, PaymentWebhookRefused } from '../../domain/billing.errors';
import type { PaymentSubscription } from '../../domain/payment-subscription';
import type { Plan } from '../../domain/plan';
import { isOpen } from './local-checkout';
import { type CustomerFile, LocalCustomers } from './local-customers';
import { checkoutPath, portalPath } from './local-paths';
import { priceIdOf, readPrice } from './local-price';
import { LocalRecords } from './local-records';
import type { LocalCheckout, LocalSubscription } from './local-records.schemas';
import * as lifecycle from './local-subscription';
import { toPaymentSubscription } from './to-payment-subscription';

const CHECKOUT_OPEN_MS = 86_400_000;

/** Takes no money: people say on a page of ours whether they pay. Never in production. */
@Injectable()
export class LocalPaymentGateway extends PaymentGateway {
  constructor(
    private readonly records: LocalRecords,
    private readonly customers: LocalCustomers,
    private readonly settings: BillingSettings,
  ) {
    super();
  }

  /** The id says for which wish the customer was made. */
  async createCustomer({ userId, email, replaces }: NewCustomer): Promise<string> {
    await this.customers.admit();
    const wish = createHash('sha256')
      .update(`${userId} ${replaces ?? ''}`)
      .digest('hex');
    const id = `local_customer_${wish.slice(0, 32)}`;
    await this.records.add('customer', { id, customerId: id, userId, email, card: 'works', isDeleted: false });
    return id;
  }

  /** A page that has closed is followed by another one. */
  openCheckout(request: CheckoutRequest): Promise<Checkout> {
    return this.customers.open(request.customerId, async (file) => {
      const existing = (await this.records.list('checkout', request.customerId)).find(
        (checkout) => checkout.operationId === request.operationId && isOpen(checkout, file),
      );
      if (existing) return this.toCheckout(existing);
      refuseDeleted(file);
      refuseUnknownPrice(request.priceId);
      const expiresAt = new Date(file.now.getTime() + CHECKOUT_OPEN_MS);
      const checkout: LocalCheckout = { ...request, id: `local_checkout_${randomUUID()}`, status: 'open', expiresAt };
      await this.records.add('checkout', checkout);
      return this.toCheckout(checkout);
    });
  }

  closeCheckouts(customerId: string, except: string | null): Promise<void> {
    return this.customers.open(customerId, async () => {
      for (const checkout of await this.records.list('checkout', customerId)) {
        if (checkout.status !== 'open' || checkout.id === except) continue;
        await this.records.save('checkout', { ...checkout, status: 'closed' });
      }
    });
  }

  async closeCheckout(checkoutId: string): Promise<void> {
    const known = await this.records.find('checkout', checkoutId);
    if (!known) throw new PaymentObjectMissing(`The local payment page knows no checkout ${checkoutId}.`);
    await this.customers.open(known.customerId, async () => {
      const checkout = await this.records.find('checkout', checkoutId);
      if (checkout?.status === 'open') await this.records.save('checkout', { ...checkout, status: 'closed' });
    });
  }

  subscriptionsOf(customerId: string, knownIds: readonly string[]): Promise<readonly PaymentSubscription[]> {
    return this.customers.open(customerId, ({ customer, subscriptions }) => {
      const listed = customer.isDeleted ? subscriptions.filter(({ id }) => knownIds.includes(id)) : subscriptions;
      return Promise.resolve(listed.map(toPaymentSubscription));
    });
  }

  isDeleted(customerId: string): Promise<boolean> {
    return this.customers.open(customerId, ({ customer }) => Promise.resolve(customer.isDeleted));
  }

  /** One customer is one page. */
  async *allSubscriptions(): AsyncIterable<readonly PaymentSubscription[]> {
    await this.customers.admit();
    for (const { id } of await this.records.list('customer')) {
      yield await this.customers.open(id, ({ subscriptions }) =>
        Promise.resolve(subscriptions.map(toPaymentSubscription)),
      );
    }
  }

  async changeNow({ operationId, subscriptionId, priceId }: PriceChange): Promise<boolean> {
    refuseUnknownPrice(priceId);
    const changed = await this.operate(operationId, subscriptionId, (subscription, { customer, now }) =>
      lifecycle.changeAtOnce(subscription, priceId, now, customer.card === 'works'),
    );
    return changed.priceId === priceId;
  }

  async changeAtPeriodEnd({ operationId, subscriptionId, priceId }: PriceChange): Promise<void> {
    refuseUnknownPrice(priceId);
    await this.operate(operationId, subscriptionId, (subscription) => lifecycle.changeAtEnd(subscription, priceId));
  }

  async cancelAtPeriodEnd(operationId: string, subscriptionId: string, freeFollows: boolean): Promise<void> {
    await this.operate(operationId, subscriptionId, (subscription) => lifecycle.cancelAtEnd(subscription, freeFollows));
  }

  async goOn(operationId: string, subscriptionId: string): Promise<void> {
    await this.operate(operationId, subscriptionId, (subscription) => lifecycle.goOn(subscription));
  }

  /** Each change is one transaction. */
  finishInterrupted(): Promise<void> {
    return Promise.resolve();
  }

  forgetInterrupted(): Promise<void> {
    return Promise.resolve();
  }

  /** What is chosen later takes the open payment's place. */
  awaitsPayment(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async cancelNow(subscriptionId: string): Promise<void> {
    await this.customers.openOf(subscriptionId, async (subscription, { now }) => {
      if (subscription.rawStatus === 'canceled') return;
      await this.customers.change(lifecycle.end(subscription, now, 'requested'), 'subscription_ended');
    });
  }

  openPortal(customerId: string, returnUrl: string): Promise<string> {
    return this.customers.open(customerId, async (file) => {
      refuseDeleted(file);
      const [existing] = await this.records.list('portal', customerId);
      const portal = { id: existing?.id ?? `local_portal_${randomUUID()}`, customerId, returnUrl };
      if (existing) await this.records.save('portal', portal);
      else await this.records.add('portal', portal);
      return `${this.settings.publicUrl}${portalPath(portal.id)}`;
    });
  }

  offer(plan: Plan): Promise<string> {
    return Promise.resolve(priceIdOf(plan));
  }

  /** Nobody sends webhooks for it. */
  readEvent(): never {
    throw new PaymentWebhookRefused();
  }

  /** Does a change unless it was done already. */
  private operate(
    operationId: string,
    subscriptionId: string,
    change: (subscription: LocalSubscription, file: CustomerFile) => LocalSubscription,
  ): Promise<LocalSubscription> {
    return this.customers.openOf(subscriptionId, (subscription, file) => {
      if (subscription.operations.includes(operationId)) return Promise.resolve(subscription);
      if (subscription.rawStatus === 'canceled') throw new PaymentObjectMissing('The subscription has ended.');
      const changed = change(subscription, file);
      const operations = [...changed.operations, operationId];
      return this.customers.change({ ...changed, operations }, 'subscription_changed');
    });
  }

  private toCheckout({ id, expiresAt }: LocalCheckout): Checkout {
    return { id, url: `${this.settings.publicUrl}${checkoutPath(id)}`, expiresAt };
  }
}

function refuseDeleted({ customer }: CustomerFile): void {
  if (customer.isDeleted) throw new PaymentObjectMissing(`The customer ${customer.id} was deleted.`);
}

function refuseUnknownPrice(priceId: string): void {
  if (!readPrice(priceId)) throw new PaymentObjectMissing(`The local payment page sells nothing at ${priceId}.`);
}

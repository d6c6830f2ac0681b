import { Injectable } from '@nestjs/common';
import { CheckoutSuperseded, PlanNotOnSale, SubscriberNotFound } from '../domain/billing.errors';
import type { Plan } from '../domain/plan';
import { EnsureCustomer } from './ensure-customer';
import { Checkouts, type CheckoutWish, type NotedWish } from './ports/checkouts.port';
import type { Customer } from './ports/customers.port';
import { type Checkout, PaymentGateway } from './ports/payment-gateway.port';
import { Plans } from './ports/plans.port';

/** A plan that somebody wants to buy. */
export interface Purchase {
  readonly userId: string;
  readonly plan: Plan;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

/**
 * Opens the page where a user buys a plan: one page per user. The wish is noted first, so that the same wish leads to
 * the same page whoever repeats it, and whoever dies in between leaves either that page to the next who asks, or one
 * that the next wish closes. No transaction is open while the payment side is asked.
 */
@Injectable()
export class OpenCheckout {
  constructor(
    private readonly ensureCustomer: EnsureCustomer,
    private readonly checkouts: Checkouts,
    private readonly payments: PaymentGateway,
    private readonly plans: Plans,
  ) {}

  /**
   * @returns the page's address
   * @throws CheckoutSuperseded, PlanNotOnSale, SubscriberNotFound, PaymentsUnavailable
   */
  async execute(purchase: Purchase): Promise<string> {
    const priceId = await this.plans.priceOf(purchase.plan.id);
    if (priceId === undefined) throw new PlanNotOnSale();
    const customer = await this.ensureCustomer.execute(purchase.userId);
    const wish = await this.checkouts.note(toWish(purchase));
    if (!wish) throw new CheckoutSuperseded();
    if (wish.url !== null) return wish.url;
    try {
      return await this.open(wish, customer, { ...purchase, priceId });
    } catch (error) {
      await this.checkouts.abandon(wish);
      throw error;
    }
  }

  /** Whoever was erased while the page was opened does not buy on it. Pages that are open before that are closed then. */
  private async requireThere(customer: Customer): Promise<void> {
    try {
      await this.ensureCustomer.requireThere(customer.userId);
    } catch (error) {
      if (error instanceof SubscriberNotFound) {
        await this.payments.closeCheckouts(customer.customerId, null);
        await this.checkouts.forget(customer.userId);
      }
      throw error;
    }
  }

  /**
   * The other pages are closed before ours counts as open: until then no other wish begins. Whoever finds that another
   * wish has begun all the same, because this took too long, closes no page but its own.
   */
  private async open(
    wish: NotedWish,
    customer: Customer,
    { userId, plan, priceId, successUrl, cancelUrl }: PricedPurchase,
  ): Promise<string> {
    const { customerId, hasUsedTrial } = customer;
    const checkout = await this.payments.openCheckout({
      operationId: wish.operationId,
      customerId,
      userId,
      priceId,
      trialDays: hasUsedTrial ? 0 : plan.trialDays,
      successUrl,
      cancelUrl,
    });
    const current = await this.checkouts.renew(wish);
    if (!current) return this.giveWay(checkout);
    if (current.url !== null) return current.url;
    await this.payments.closeCheckouts(customerId, checkout.id);
    if (!(await this.checkouts.complete(wish, checkout))) return this.giveWay(checkout);
    await this.requireThere(customer);
    return checkout.url;
  }

  private async giveWay({ id }: Checkout): Promise<never> {
    await this.payments.closeCheckout(id);
    throw new CheckoutSuperseded();
  }
}

interface PricedPurchase extends Purchase {
  readonly priceId: string;
}

function toWish({ userId, plan, successUrl, cancelUrl }: Purchase): CheckoutWish {
  return { userId, planId: plan.id, successUrl, cancelUrl };
}

import type Stripe from 'stripe';
import type { PaymentSubscription } from '../../domain/payment-subscription';
import type { UnreadCustomer } from '../../application/ports/payment-gateway.port';
import { isMissing } from './stripe-errors';
import { expanded, EXPANDED, idOf, toDate, toPaymentSubscription } from './to-payment-subscription';

/** As many as a page may hold. */
const PAGE = 100;
/** Subscriptions of a page that are looked into at the same time. */
const LANES = 5;
const OWING: ReadonlySet<string> = new Set(['past_due', 'unpaid']);
const LIST_EXPANDED = EXPANDED.map((field) => `data.${field}`);

/** Reads subscriptions. */
export class StripeSubscriptions {
  constructor(private readonly stripe: Stripe) {}

  async ofCustomer(customerId: string, knownIds: readonly string[]): Promise<readonly PaymentSubscription[]> {
    const listed = await this.list(customerId);
    // An empty list must not end anybody's plan because the key is another account's, which never had the customer.
    if (listed.length === 0) await this.stripe.customers.retrieve(customerId);
    const further = knownIds.filter((known) => !listed.some(({ id }) => id === known));
    const found = await Promise.all(further.map((id) => this.find(id)));
    return [...listed, ...found.filter((one) => one !== undefined)];
  }

  async *all(): AsyncGenerator<readonly (PaymentSubscription | UnreadCustomer)[]> {
    let after: string | undefined;
    for (;;) {
      const page = await this.stripe.subscriptions.list({
        status: 'all',
        limit: PAGE,
        expand: LIST_EXPANDED,
        ...(after !== undefined && { starting_after: after }),
      });
      yield* this.translateAll(page.data);
      after = page.data.at(-1)?.id;
      if (!page.has_more || after === undefined) return;
    }
  }

  async isDeleted(customerId: string): Promise<boolean> {
    const customer = await this.stripe.customers.retrieve(customerId);
    return 'deleted' in customer;
  }

  /** Without `status: 'all'` ended ones would be left out. A customer that was deleted may have no list at all. */
  private async list(customer: string): Promise<readonly PaymentSubscription[]> {
    const listed: PaymentSubscription[] = [];
    try {
      const params = { customer, status: 'all', limit: PAGE, expand: LIST_EXPANDED };
      for await (const subscription of this.stripe.subscriptions.list(params)) {
        listed.push(await this.translate(subscription));
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return listed;
  }

  private async find(id: string): Promise<PaymentSubscription | undefined> {
    try {
      return await this.translate(await this.stripe.subscriptions.retrieve(id, { expand: EXPANDED }));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** A few at a time: each may need questions of its own, and the account has a rate limit. */
  private async *translateAll(subscriptions: readonly Stripe.Subscription[]) {
    for (let first = 0; first < subscriptions.length; first += LANES) {
      yield await Promise.all(subscriptions.slice(first, first + LANES).map((one) => this.tryTranslate(one)));
    }
  }

  private async tryTranslate(subscription: Stripe.Subscription): Promise<PaymentSubscription | UnreadCustomer> {
    try {
      return await this.translate(subscription);
    } catch {
      // Whoever asks about the customer alone meets the same error, and tells it.
      return { unreadCustomerId: idOf(subscription.customer) };
    }
  }

  private async translate(subscription: Stripe.Subscription): Promise<PaymentSubscription> {
    return toPaymentSubscription(subscription, {
      items: await this.itemsOf(subscription),
      method: await this.methodOf(subscription),
      owedSince: OWING.has(subscription.status) ? await this.owedSince(subscription) : null,
    });
  }

  /** The subscription's own comes before the customer's, which is what one made by hand may be paid by. */
  private async methodOf(subscription: Stripe.Subscription): Promise<Stripe.PaymentMethod | undefined> {
    const own = expanded(subscription.default_payment_method);
    if (own !== undefined || subscription.ended_at !== null) return own;
    const field = 'invoice_settings.default_payment_method';
    const customer = await this.stripe.customers.retrieve(idOf(subscription.customer), { expand: [field] });
    return 'deleted' in customer ? undefined : expanded(customer.invoice_settings.default_payment_method);
  }

  private async itemsOf({ id, items }: Stripe.Subscription): Promise<readonly Stripe.SubscriptionItem[]> {
    if (!items.has_more) return items.data;
    return this.stripe.subscriptionItems.list({ subscription: id, limit: PAGE }).autoPagingToArray({ limit: 1_000 });
  }

  /**
   * The oldest open invoice counts: with each period that is not paid another one is added, and the last one alone
   * would start the grace period anew every month.
   */
  private async owedSince({ id, latest_invoice }: Stripe.Subscription): Promise<Date | null> {
    const open = await this.stripe.invoices
      .list({ subscription: id, status: 'open', limit: PAGE })
      .autoPagingToArray({ limit: 1_000 });
    const latest = expanded(latest_invoice);
    const owed = open.length > 0 ? open : latest ? [latest] : [];
    const since = owed.map((invoice) => invoice.due_date ?? invoice.status_transitions.finalized_at ?? invoice.created);
    return since.length === 0 ? null : toDate(Math.min(...since));
  }
}

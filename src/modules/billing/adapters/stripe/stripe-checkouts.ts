import type Stripe from 'stripe';
import type { Checkout, CheckoutRequest, NewCustomer } from '../../application/ports/payment-gateway.port';
import { isRefused } from './stripe-errors';
import type { StripeOperations } from './stripe-operations';
import { StripePrices } from './stripe-prices';
import { toDate } from './to-payment-subscription';

type Session = Stripe.Checkout.Session;

/** Customers, and the pages where they buy. */
export class StripeCheckouts {
  constructor(
    private readonly stripe: Stripe,
    private readonly operations: StripeOperations,
  ) {}

  /** One that a lost answer left behind has no subscription and is never heard of again. */
  async createCustomer({ userId, email, replaces }: NewCustomer): Promise<string> {
    const customer = await this.operations.once({
      key: replaces === null ? `cus:${userId}` : `cus:${userId}:${replaces}`,
      send: (options) =>
        this.stripe.customers.create({ ...(email !== null && { email }), metadata: { user_id: userId } }, options),
    });
    return customer.id;
  }

  /** A key brings the page as it was when it was opened: whether it still is open is asked again. */
  async open(request: CheckoutRequest): Promise<Checkout> {
    const session = await this.operations.once({
      key: `checkout:${request.operationId}`,
      send: (options) => this.create(request, options),
      isOver: async ({ id }) => (await this.stripe.checkout.sessions.retrieve(id)).status !== 'open',
      look: () => this.findOpen(request),
    });
    if (!session.url) throw new Error('Stripe opened a checkout without a page');
    return { id: session.id, url: session.url, expiresAt: toDate(session.expires_at) };
  }

  private async create(request: CheckoutRequest, options: Stripe.RequestOptions): Promise<Stripe.Response<Session>> {
    try {
      return await this.stripe.checkout.sessions.create(toSession(request), options);
    } catch (error) {
      if (isRefused(error)) await new StripePrices(this.stripe).sold(request.priceId);
      throw error;
    }
  }

  async close(customerId: string, except: string | null): Promise<void> {
    for (const { id } of await this.listOpen(customerId)) {
      if (id !== except) await this.expire(id);
    }
  }

  /** Somebody may have paid, or closed it, meanwhile: what is over needs no closing. */
  async expire(id: string): Promise<void> {
    try {
      await this.stripe.checkout.sessions.expire(id);
    } catch (error) {
      if (!isRefused(error)) throw error;
      const { status } = await this.stripe.checkout.sessions.retrieve(id);
      if (status === 'open') throw error;
    }
  }

  private async findOpen({ customerId, operationId }: CheckoutRequest): Promise<Session | undefined> {
    const open = await this.listOpen(customerId);
    return open.find(({ metadata }) => metadata?.['operation_id'] === operationId);
  }

  private listOpen(customer: string): Promise<Session[]> {
    return this.stripe.checkout.sessions
      .list({ customer, status: 'open', limit: 100 })
      .autoPagingToArray({ limit: 1_000 });
  }
}

/**
 * Nothing in it depends on the moment: the same request is word for word the same, as its key demands. So the page is
 * open for as long as Stripe leaves it open, a day, which is not longer than Stripe remembers the key.
 */
function toSession(request: CheckoutRequest): Stripe.Checkout.SessionCreateParams {
  const notes = { user_id: request.userId, operation_id: request.operationId };
  return {
    mode: 'subscription',
    customer: request.customerId,
    client_reference_id: request.userId,
    metadata: notes,
    line_items: [{ price: request.priceId, quantity: 1 }],
    success_url: request.successUrl,
    cancel_url: request.cancelUrl,
    // Also for a trial: afterwards the subscription goes on, and nobody has to remember it.
    payment_method_collection: 'always',
    subscription_data: {
      metadata: notes,
      billing_mode: { type: 'flexible' },
      ...(request.trialDays > 0 && {
        trial_period_days: request.trialDays,
        trial_settings: { end_behavior: { missing_payment_method: 'cancel' } },
      }),
    },
  };
}

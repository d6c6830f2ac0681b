import type { StripeSandbox } from '../../sandbox/stripe/stripe-sandbox';
import { ReconcilePayments } from '../../src/modules/billing/application/reconcile-payments';
import type { PaidPlansWorld, Subscriber } from './paid-plans-world';
import { send } from './service';

export type StripeEvent = StripeSandbox['events'][number];

/** What a delivery is made of. */
export interface SignedEvent {
  readonly body: string;
  readonly headers: Record<string, string>;
}

/** How tests see what became of payments, and hand over events themselves. `world` is asked when it is needed. */
export function paymentTools(world: () => PaidPlansWorld) {
  return {
    async buyer(plan = 'basic'): Promise<Subscriber> {
      const user = await world().signUp();
      await world().buy(user, plan);
      return user;
    },
    planOf: async (user: Subscriber): Promise<unknown> =>
      ((await user.get('/v1/subscription')).body as { plan?: { slug: string } }).plan?.slug,
    limitsOf: async (user: Subscriber) => (await user.get('/v1/usage')).body as { callsLimit: number },
    lastEvent: (): StripeEvent => world().stripe.events.at(-1)!,
    subscriptionOf: async (user: Subscriber): Promise<string> =>
      world().stripe.liveSubscriptionsOf(await user.customerId())[0]?.id ?? '',
    reconcile: (service = world().service) => service.app.get(ReconcilePayments, { strict: false }).execute(),
    async stored(id: string) {
      const [row] = await world().database.query('select * from stripe_events where id = $1', [id]);
      return row;
    },
    /** As Stripe sends it, but for what `change` does to it. */
    post(
      event: StripeEvent,
      options: Parameters<StripeSandbox['signed']>[1] = {},
      change: (signed: SignedEvent) => object = (signed) => signed,
    ) {
      const signed = world().stripe.signed(event, options);
      const sent = change({ ...signed, headers: { ...signed.headers } }) as SignedEvent;
      return send(`${world().service.url}/v1/webhooks/stripe`, 'POST', sent);
    },
  };
}

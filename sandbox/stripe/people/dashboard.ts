import { cancelNow, planEnd } from '../life/cancelling';
import { changeItems } from '../life/changing';
import { isEnded } from '../life/ending';
import { workOut } from '../life/item-changes';
import { openSubscription } from '../life/opening';
import { pause, resume } from '../life/pausing';
import { newConfiguration, withFeatures } from '../objects/portal';
import type { Configuration, Subscription } from '../objects/wire';
import type { World } from '../world';
import { liveSubscriptionsOf } from './finding';

const EVERYTHING = {
  customer_update: { enabled: true, allowed_updates: ['email', 'name'] },
  invoice_history: { enabled: true },
  payment_method_update: { enabled: true },
  subscription_cancel: { enabled: true },
  subscription_pause: { enabled: true },
  subscription_update: { enabled: true, default_allowed_updates: ['price'], proration_behavior: 'always_invoice' },
};

interface Which {
  readonly subscription: string;
}

/** What the account's own people do in Stripe's dashboard. */
export class DashboardStaff {
  constructor(private readonly world: World) {}

  dashboardCancelNow({ subscription }: Which): Subscription {
    const found = this.subscription(subscription);
    cancelNow(this.world, found);
    return found;
  }

  /** Sets the flag, unlike the portal. */
  dashboardCancelAtPeriodEnd({ subscription }: Which): Subscription {
    const found = this.subscription(subscription);
    this.world.change(found, 'customer.subscription.updated', () => {
      planEnd(this.world, found, { atPeriodEnd: true });
    });
    return found;
  }

  /** Their subscriptions end with them. */
  dashboardDeleteCustomer({ customer }: { readonly customer: string }): { id: string; deleted: true } {
    return deleteCustomer(this.world, customer);
  }

  dashboardChangePrice({ subscription, price }: Which & { readonly price: string }): Subscription {
    const found = this.subscription(subscription);
    const items = found.items.data.slice(0, 1).map(({ id }) => ({ id, price }));
    changeItems(this.world, found, workOut(this.world, found, { items, prorates: true }), {
      proration: 'create_prorations',
      payment: 'allow_incomplete',
    });
    return found;
  }

  dashboardAddSubscription({ customer, price }: { readonly customer: string; readonly price: string }): Subscription {
    const owner = this.world.customer(customer);
    const methods = this.world.all('payment_method').filter((method) => method.customer === customer);
    return openSubscription(this.world, {
      customer: owner,
      items: [{ price, quantity: 1 }],
      metadata: {},
      description: null,
      paymentMethod: methods.at(-1)?.id ?? null,
      trialEnd: null,
      missingPaymentMethod: 'create_invoice',
      billingMode: 'flexible',
      payment: 'charge',
    });
  }

  /** The portal's default, with everything switched on; what the API makes is never the default. */
  dashboardSavePortal(): Configuration {
    const configuration = newConfiguration(this.world, true);
    configuration.features = withFeatures(configuration.features, EVERYTHING);
    return this.world.add('billing_portal.configuration', configuration, 'billing_portal.configuration.created');
  }

  dashboardPause({ subscription }: Which): Subscription {
    const found = this.subscription(subscription);
    pause(this.world, found, true);
    return found;
  }

  dashboardResume({ subscription }: Which): Subscription {
    const found = this.subscription(subscription);
    resume(this.world, found, { anchor: 'now', needsPayment: false });
    return found;
  }

  private subscription(id: string): Subscription {
    return this.world.get('subscription', id, 'subscription');
  }
}

export function deleteCustomer(world: World, id: string): { id: string; object: 'customer'; deleted: true } {
  const customer = world.customer(id, 'id');
  for (const subscription of liveSubscriptionsOf(world, id)) {
    if (!isEnded(subscription)) cancelNow(world, subscription);
  }
  world.forget('customer', id);
  const gone = { id, object: 'customer', deleted: true } as const;
  world.deletedCustomers.set(id, gone);
  world.tell('customer.deleted', customer);
  return gone;
}

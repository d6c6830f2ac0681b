import { cancelNow, planEnd } from '../life/cancelling';
import { changeItems, type ProrationBehavior } from '../life/changing';
import { recurrenceOf, workOut } from '../life/item-changes';
import { periodAround } from '../life/calendar';
import { amountOf } from '../life/lines';
import { firstPeriodOf } from '../life/opening';
import { pause, resume } from '../life/pausing';
import { itemsOf, newPhase, release, replan, scheduleFrom } from '../life/scheduling';
import type { CardBehavior } from '../objects/hidden';
import { addCard } from '../objects/people';
import type { Configuration, PaymentMethod, Price, Subscription } from '../objects/wire';
import { invalid } from '../protocol/refusals';
import type { World } from '../world';
import { liveSubscriptionsOf, subscriptionOf } from './finding';

export interface Whose {
  readonly customer: string;
  readonly subscription?: string;
}

/** What customers do in the billing portal. */
export class PortalVisitors {
  constructor(private readonly world: World) {}

  /** A new card becomes the default of the customer and of each live subscription. */
  portalUpdatePaymentMethod({ customer, card }: { customer: string; card?: CardBehavior }): PaymentMethod {
    const owner = this.world.customer(customer);
    const method = addCard(this.world, owner, card ?? 'works');
    this.world.change(owner, 'customer.updated', () => (owner.invoice_settings.default_payment_method = method.id));
    for (const subscription of liveSubscriptionsOf(this.world, customer)) {
      this.world.change(subscription, 'customer.subscription.updated', () => {
        subscription.default_payment_method = method.id;
      });
    }
    return method;
  }

  /** In the flexible mode only `cancel_at` tells of it. */
  portalCancel(whose: Whose & { readonly when?: 'period_end' | 'now' }): Subscription {
    const subscription = subscriptionOf(this.world, whose);
    this.releaseScheduleOf(subscription);
    if (whose.when === 'now') {
      cancelNow(this.world, subscription);
      return subscription;
    }
    const isFlexible = subscription.billing_mode.type === 'flexible';
    this.world.change(subscription, 'customer.subscription.updated', () => {
      planEnd(this.world, subscription, isFlexible ? { at: 'min_period_end' } : { atPeriodEnd: true });
    });
    return subscription;
  }

  portalUndoCancel(whose: Whose): Subscription {
    const subscription = subscriptionOf(this.world, whose);
    this.world.change(subscription, 'customer.subscription.updated', () => {
      planEnd(this.world, subscription, { at: '' });
    });
    return subscription;
  }

  /** As the portal's configuration says: at once, or when the period ends. A card that declines changes nothing. */
  portalSwitchPlan({ price, ...whose }: Whose & { readonly price: string }): Subscription {
    const subscription = subscriptionOf(this.world, whose);
    const wanted = this.world.get('price', price, 'price');
    const settings = this.configurationOf(subscription.customer)?.features.subscription_update;
    if (settings?.enabled === false) throw invalid('The portal does not let customers switch plans.', 'price');
    this.releaseScheduleOf(subscription);
    if (settings !== undefined && waits(settings.schedule_at_period_end, subscription, wanted)) {
      this.scheduleSwitch(subscription, wanted);
      return subscription;
    }
    this.switchNow(subscription, wanted, (settings?.proration_behavior ?? 'always_invoice') as ProrationBehavior);
    return subscription;
  }

  portalPause(whose: Whose): Subscription {
    const subscription = subscriptionOf(this.world, whose);
    pause(this.world, subscription, true);
    return subscription;
  }

  portalResume(whose: Whose): Subscription {
    const subscription = subscriptionOf(this.world, whose);
    resume(this.world, subscription, { anchor: 'now', needsPayment: false });
    return subscription;
  }

  /** The one the customer's last visit had, else the default, else the newest. */
  private configurationOf(customer: string): Configuration | undefined {
    const visit = this.world.all('billing_portal.session').findLast((session) => session.customer === customer);
    const all = this.world.all('billing_portal.configuration').filter(({ active }) => active);
    return all.find(({ id }) => id === visit?.configuration) ?? all.find((one) => one.is_default) ?? all.at(-1);
  }

  private releaseScheduleOf(subscription: Subscription): void {
    const schedule = this.world.find('subscription_schedule', subscription.schedule);
    if (schedule !== undefined) release(this.world, schedule);
  }

  private switchNow(subscription: Subscription, price: Price, proration: ProrationBehavior): void {
    const items = subscription.items.data.slice(0, 1).map(({ id }) => ({ id, price: price.id }));
    const workedOut = workOut(this.world, subscription, { items, prorates: proration !== 'none' });
    changeItems(this.world, subscription, workedOut, { proration, payment: 'error_if_incomplete' });
  }

  private scheduleSwitch(subscription: Subscription, price: Price): void {
    const schedule = scheduleFrom(this.world, subscription, {});
    const { start, end } = firstPeriodOf(subscription);
    const after = periodAround(end, recurrenceOf(price), end);
    const proration = 'none' as const;
    replan(
      this.world,
      schedule,
      [
        newPhase(subscription, { start, end, items: itemsOf(subscription), proration }),
        newPhase(subscription, { ...after, items: [{ price, quantity: 1 }], proration }),
      ],
      'release',
    );
  }
}

type WaitingRule = Configuration['features']['subscription_update']['schedule_at_period_end'];
const LENGTHS = ['day', 'week', 'month', 'year'];

function waits(rule: WaitingRule, subscription: Subscription, wanted: Price): boolean {
  const [item] = subscription.items.data;
  if (item === undefined) return false;
  const isCheaper = (wanted.unit_amount ?? 0) * (item.quantity ?? 1) < amountOf(item);
  const length = (price: Price): number => LENGTHS.indexOf(price.recurring?.interval ?? 'month');
  const isShorter = length(wanted) < length(item.price);
  return rule.conditions.some(({ type }) => (type === 'decreasing_item_amount' ? isCheaper : isShorter));
}

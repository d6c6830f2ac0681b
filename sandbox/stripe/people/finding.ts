import { isEnded } from '../life/ending';
import type { Session, Subscription } from '../objects/wire';
import { invalid } from '../protocol/refusals';
import type { World } from '../world';

/** A session by its id or by the address of its page. */
export function sessionOf(world: World, idOrUrl: string): Session {
  const byUrl = world.all('checkout.session').find((session) => session.url !== null && session.url === idOrUrl);
  return byUrl ?? world.get('checkout.session', idOrUrl, 'session');
}

export const liveSubscriptionsOf = (world: World, customer: string): readonly Subscription[] =>
  world.all('subscription').filter((subscription) => subscription.customer === customer && !isEnded(subscription));

/** The one that is named, else the customer's only live one. */
export function subscriptionOf(
  world: World,
  { customer, subscription }: { readonly customer?: string; readonly subscription?: string },
): Subscription {
  if (subscription !== undefined) return world.get('subscription', subscription, 'subscription');
  const live = liveSubscriptionsOf(world, customer ?? '');
  const [only] = live;
  if (only === undefined || live.length > 1) {
    throw invalid(`The customer has ${live.length} live subscriptions: name one.`, 'subscription');
  }
  return only;
}

import type { World } from '../world';
import type { CheckoutPlan } from './hidden';

/** What is paid today: nothing while a trial runs. */
export function amountsOf(world: World, plan: CheckoutPlan): { readonly currency: string; readonly total: number } {
  const prices = plan.items.map(({ price, quantity }) => ({ price: world.get('price', price), quantity }));
  const isTrial = plan.trialDays !== undefined || plan.trialEnd !== undefined;
  return {
    currency: prices[0]?.price.currency ?? 'usd',
    total: isTrial ? 0 : prices.reduce((sum, { price, quantity }) => sum + (price.unit_amount ?? 0) * quantity, 0),
  };
}

import { Injectable } from '@nestjs/common';
import type { PaymentSubscription } from '../domain/payment-subscription';
import { isFree } from '../domain/plan';
import type { Terms } from '../domain/read-payment-subscription';
import { BillingSettings } from './billing-settings';
import { Plans } from './ports/plans.port';

/** Finds out which plans the subscriptions' prices are. */
@Injectable()
export class ReadTerms {
  constructor(
    private readonly plans: Plans,
    private readonly settings: BillingSettings,
  ) {}

  async execute(subscriptions: readonly PaymentSubscription[]): Promise<Terms> {
    const prices = new Set(subscriptions.flatMap(pricesOf));
    const free = (await this.plans.list()).find(isFree);
    if (!free) throw new Error('There is no free plan');
    return { plans: await this.plans.findByPrices([...prices]), freePlanId: free.id, graceMs: this.settings.graceMs };
  }
}

function pricesOf({ items, nextPriceId }: PaymentSubscription): readonly string[] {
  return [...items.map(({ priceId }) => priceId), ...(nextPriceId === null ? [] : [nextPriceId])];
}

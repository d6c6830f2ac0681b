import { Logger } from '@nestjs/common';
import type Stripe from 'stripe';
import { PriceReplaced } from '../../domain/billing.errors';
import { isRefused } from './stripe-errors';

const logger = new Logger('Stripe');

/** Prices that are sold, and those that were: Stripe refuses an inactive one wherever something is bought or planned. */
export class StripePrices {
  constructor(private readonly stripe: Stripe) {}

  /** @throws PriceReplaced for one that is sold no longer, PaymentObjectMissing for one that never was */
  async sold(id: string): Promise<Stripe.Price> {
    const price = await this.stripe.prices.retrieve(id);
    if (price.active) return price;
    logger.error(
      `Stripe no longer sells price ${id}, which a plan is noted with here: somebody has replaced it. ` +
        'Run `npm run stripe:sync-plans` to offer the plans again and note the prices that took its place.',
    );
    throw new PriceReplaced();
  }

  /**
   * Sends phases, among which is always the one under way. Who subscribed before a price was replaced goes on paying it,
   * and could not plan anything if Stripe refused it there, so for that moment it is sold again: nobody else buys it,
   * because we name prices by id. Whoever dies in between leaves it active, which harms nothing.
   * @param send is called a second time, with a suffix for its key, when the first time is refused for that
   */
  async withPhases<T>(
    phases: readonly Stripe.SubscriptionScheduleUpdateParams.Phase[],
    send: (suffix: string) => Promise<T>,
  ): Promise<T> {
    try {
      return await send('');
    } catch (error) {
      const retired = isRefused(error) ? await this.retiredAmong(phases) : [];
      if (retired.length === 0) throw error;
      return await this.whileSold(retired, () => send(':retired'));
    }
  }

  private async retiredAmong(phases: readonly Stripe.SubscriptionScheduleUpdateParams.Phase[]): Promise<string[]> {
    const ids = new Set(phases.flatMap(({ items }) => items.flatMap(({ price }) => price ?? [])));
    const prices = await Promise.all([...ids].map((id) => this.stripe.prices.retrieve(id)));
    return prices.filter(({ active }) => !active).map(({ id }) => id);
  }

  private async whileSold<T>(ids: readonly string[], work: () => Promise<T>): Promise<T> {
    try {
      for (const id of ids) await this.stripe.prices.update(id, { active: true });
      return await work();
    } finally {
      for (const id of ids) await this.retire(id);
    }
  }

  /** What has been planned stands, whatever becomes of the price. */
  private async retire(id: string): Promise<void> {
    try {
      await this.stripe.prices.update(id, { active: false });
    } catch {
      logger.warn(`Price ${id}, which was replaced, could not be made inactive again: do so in the dashboard`);
    }
  }
}

import { Logger } from '@nestjs/common';
import type Stripe from 'stripe';
import { PriceReplaced } from '../../domain/billing.errors';
import { isRefused } from './stripe-errors';

const logger = new Logger('Stripe');
/** How often phases are sent once a price in them was refused. */
const ATTEMPTS = 5;

/** Prices that are sold, and those that were: Stripe refuses an inactive one wherever something is bought or planned. */
export class StripePrices {
  /** How many need an inactive price just now, by its id. */
  private readonly needed = new Map<string, number>();

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
   * because we name prices by id. Another instance may make it inactive again in that moment, so that is worth several
   * tries. Whoever dies in between leaves it active, which harms nothing.
   * @param send is called again, with a suffix for its key, when it is refused for that
   * @throws PriceReplaced when others are faster each time
   */
  async withPhases<T>(
    phases: readonly Stripe.SubscriptionScheduleUpdateParams.Phase[],
    send: (suffix: string) => Promise<T>,
  ): Promise<T> {
    let retired: readonly string[] = [];
    for (let attempt = 0; attempt <= ATTEMPTS; attempt += 1) {
      try {
        return await this.whileSold(retired, () => send(attempt === 0 ? '' : `:retired-${String(attempt)}`));
      } catch (error) {
        if (!isRefused(error)) throw error;
        retired = [...new Set([...retired, ...(await this.retiredAmong(phases))])];
        // Refused a second time with nothing but prices that are sold: that was not the reason.
        if (attempt > 0 && retired.length === 0) throw error;
      }
    }
    logger.warn(`Stripe refused a plan to come ${String(ATTEMPTS + 1)} times, with a price that was replaced in it`);
    throw new PriceReplaced();
  }

  private async retiredAmong(phases: readonly Stripe.SubscriptionScheduleUpdateParams.Phase[]): Promise<string[]> {
    const ids = new Set(phases.flatMap(({ items }) => items.flatMap(({ price }) => price ?? [])));
    const prices = await Promise.all([...ids].map((id) => this.stripe.prices.retrieve(id)));
    return prices.filter(({ active }) => !active).map(({ id }) => id);
  }

  /** Whoever is the last of this instance to need a price makes it inactive again. */
  private async whileSold<T>(ids: readonly string[], work: () => Promise<T>): Promise<T> {
    for (const id of ids) this.needed.set(id, (this.needed.get(id) ?? 0) + 1);
    try {
      for (const id of ids) await this.stripe.prices.update(id, { active: true });
      return await work();
    } finally {
      for (const id of ids) await this.letGo(id);
    }
  }

  private async letGo(id: string): Promise<void> {
    const others = (this.needed.get(id) ?? 1) - 1;
    if (others > 0) this.needed.set(id, others);
    else this.needed.delete(id);
    if (others === 0) await this.retire(id);
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

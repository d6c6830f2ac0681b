import type Stripe from 'stripe';
import type { Plan } from '../../domain/plan';
import { isMissing, isRefused } from './stripe-errors';
import type { StripeOperations } from './stripe-operations';
import { idOf } from './to-payment-subscription';
import { toMinorUnits } from './to-minor-units';

/** What our products' ids and our prices' lookup keys begin with. */
const OURS = 'ringonce_';

/** What is sold: a product per tier, a price per plan. A price's amount never changes; another one takes its place. */
export class StripeCatalog {
  constructor(
    private readonly stripe: Stripe,
    private readonly operations: StripeOperations,
  ) {}

  /** @returns the id of the plan's current price */
  async offer(plan: Plan): Promise<string> {
    const product = await this.productOf(plan);
    const current = await this.priceOf(plan);
    if (current && matches(current, plan, product.id)) {
      if (!current.active) await this.stripe.prices.update(current.id, { active: true });
      return current.id;
    }
    const price = await this.createPrice(plan, product.id, current?.id ?? 'none');
    if (current?.active) await this.retire(current, product, price.id);
    return price.id;
  }

  /** The monthly plan speaks for the tier: the yearly one's description tells of its own price. */
  private async productOf(plan: Plan): Promise<Stripe.Product> {
    const product = await this.findProduct(plan);
    if (product === undefined) return this.createProduct(plan);
    const isDescribed = plan.interval !== 'monthly' || (product.description ?? '') === plan.description;
    if (product.active && product.name === plan.name && isDescribed) return product;
    return this.stripe.products.update(product.id, {
      active: true,
      name: plan.name,
      ...(plan.interval === 'monthly' && { description: plan.description }),
    });
  }

  private async findProduct({ slug }: Plan): Promise<Stripe.Product | undefined> {
    try {
      return await this.stripe.products.retrieve(productIdOf(slug));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** The id is ours, so that two who create it at the same time create one. */
  private async createProduct(plan: Plan): Promise<Stripe.Product> {
    try {
      return await this.stripe.products.create({
        id: productIdOf(plan.slug),
        name: plan.name,
        ...(plan.description !== '' && { description: plan.description }),
        metadata: { tier: plan.slug },
      });
    } catch (error) {
      const product = isRefused(error) ? await this.findProduct(plan) : undefined;
      if (product === undefined) throw error;
      return product;
    }
  }

  private async priceOf(plan: Plan): Promise<Stripe.Price | undefined> {
    const prices = await this.stripe.prices.list({ lookup_keys: [lookupKeyOf(plan)], limit: 1 });
    return prices.data[0];
  }

  /** The key names what is replaced: the same step taken twice makes one price, a later step back another one. */
  private createPrice(plan: Plan, product: string, replaced: string): Promise<Stripe.Price> {
    const { currency, interval, name } = plan;
    const amount = toMinorUnits(plan.price, currency);
    const params: Stripe.PriceCreateParams = {
      product,
      currency,
      unit_amount: amount,
      recurring: { interval: intervalOf(plan) },
      lookup_key: lookupKeyOf(plan),
      transfer_lookup_key: true,
      nickname: `${name}, ${interval}`,
    };
    return this.operations.once({
      key: `price:${lookupKeyOf(plan)}:${currency}:${amount}:${replaced}`,
      send: (options) => this.stripe.prices.create(params, options),
      look: async () => {
        const made = await this.priceOf(plan);
        return made && matches(made, plan, product) ? made : undefined;
      },
    });
  }

  /** Who pays the old price goes on paying it. Stripe doesn't let go of a product's default price. */
  private async retire(price: Stripe.Price, product: Stripe.Product, successor: string): Promise<void> {
    if (product.default_price === price.id) {
      await this.stripe.products.update(product.id, { default_price: successor });
    }
    await this.stripe.prices.update(price.id, { active: false });
  }
}

/** A price that was replaced has lost its lookup key; its product remains. */
export function isOurs({ lookup_key, product }: Stripe.Price): boolean {
  return idOf(product).startsWith(OURS) || (lookup_key ?? '').startsWith(OURS);
}

function matches(price: Stripe.Price, plan: Plan, product: string): boolean {
  return (
    price.product === product &&
    price.currency === plan.currency &&
    price.unit_amount === toMinorUnits(plan.price, plan.currency) &&
    price.recurring?.interval === intervalOf(plan) &&
    price.recurring.interval_count === 1
  );
}

function productIdOf(slug: string): string {
  return `${OURS}${slug}`;
}

function intervalOf({ interval }: Plan): 'month' | 'year' {
  return interval === 'monthly' ? 'month' : 'year';
}

function lookupKeyOf({ slug, interval }: Plan): string {
  return `${OURS}${slug}_${interval}`;
}

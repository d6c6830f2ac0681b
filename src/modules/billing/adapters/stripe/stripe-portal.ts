import type Stripe from 'stripe';
import { isMissing, isRefused } from './stripe-errors';
import type { StripeOperations } from './stripe-operations';

/** Goes up when FEATURES change: then a new configuration is made, and the old one is left alone. */
const VERSION = '1';

/**
 * What users may do at Stripe by themselves. Plans are changed in the product alone, because only there it is known
 * which change counts at once, which at the period's end, and who had a trial already.
 */
const FEATURES: Stripe.BillingPortal.ConfigurationCreateParams.Features = {
  payment_method_update: { enabled: true },
  invoice_history: { enabled: true },
  customer_update: { enabled: true, allowed_updates: ['name', 'address', 'tax_id'] },
  subscription_cancel: { enabled: true, mode: 'at_period_end' },
  subscription_update: { enabled: false },
};

/** The page where users manage their payments. The configuration may be refined in Stripe's dashboard; it stays so. */
export class StripePortal {
  private configuration: string | undefined;

  constructor(
    private readonly stripe: Stripe,
    private readonly operations: StripeOperations,
  ) {}

  async open(customer: string, returnUrl: string): Promise<string> {
    const wasKnown = this.configuration !== undefined;
    try {
      return await this.openSession(customer, returnUrl);
    } catch (error) {
      if (!wasKnown || !isRefused(error)) throw error;
      // Somebody may have switched the configuration off.
      this.configuration = undefined;
      return this.openSession(customer, returnUrl);
    }
  }

  private async openSession(customer: string, returnUrl: string): Promise<string> {
    const session = await this.stripe.billingPortal.sessions.create({
      customer,
      return_url: returnUrl,
      configuration: await this.configurationId(),
    });
    return session.url;
  }

  private async configurationId(): Promise<string> {
    this.configuration ??= (await this.find()) ?? (await this.create());
    return this.configuration;
  }

  private async find(): Promise<string | undefined> {
    for await (const { id, metadata } of this.stripe.billingPortal.configurations.list({ active: true, limit: 100 })) {
      if (metadata?.['ringonce_portal'] === VERSION) return id;
    }
    return undefined;
  }

  private async create(): Promise<string> {
    const configuration = await this.operations.once({
      key: `portal:${VERSION}`,
      send: (options) =>
        this.stripe.billingPortal.configurations.create(
          { name: 'Ringonce', features: FEATURES, metadata: { ringonce_portal: VERSION } },
          options,
        ),
      isOver: ({ id }) => this.isGone(id),
    });
    return configuration.id;
  }

  private async isGone(id: string): Promise<boolean> {
    try {
      return !(await this.stripe.billingPortal.configurations.retrieve(id)).active;
    } catch (error) {
      if (isMissing(error)) return true;
      throw error;
    }
  }
}

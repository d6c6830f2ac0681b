import { Logger } from '@nestjs/common';
import { drizzle } from 'drizzle-orm/node-postgres';
import { z } from 'zod';
import { DrizzlePlans } from '../src/modules/billing/adapters/drizzle/drizzle-plans';
import { StripePaymentGateway } from '../src/modules/billing/adapters/stripe/stripe-payment-gateway';
import { OfferPlans, type OfferedPlan } from '../src/modules/billing/application/offer-plans';
import { billingVariables } from '../src/modules/billing/billing.settings';
import { withoutEmpty } from '../src/settings';
import { Database } from '../src/shared/database/database';
import { databaseVariables } from '../src/shared/database/database.settings';
import { DrizzleUnitOfWork } from '../src/shared/database/drizzle-unit-of-work';
import { createPool } from '../src/shared/database/pool';
import { DomainError } from '../src/shared/kernel/domain-error';
import { describeFailure } from '../src/shared/observability/describe-failure';

/** sysexits.h: something was found in an unconfigured or misconfigured state. */
const EXIT_CONFIGURATION = 78;
/** One plan at a time. */
const CONNECTIONS = 1;

const environment = z.object({
  DATABASE_URL: databaseVariables.DATABASE_URL.unwrap(),
  STRIPE_SECRET_KEY: billingVariables.STRIPE_SECRET_KEY.unwrap(),
  STRIPE_API_BASE_URL: billingVariables.STRIPE_API_BASE_URL,
});
type Environment = z.infer<typeof environment>;

/**
 * `npm run stripe:sync-plans`: creates or updates a product per tier and a price per paid plan at Stripe, as the
 * database's plans say, and notes the prices' ids. May be repeated at any time, while the service runs.
 */
async function main(): Promise<void> {
  Logger.overrideLogger(['error', 'fatal']);
  const given = withoutEmpty(process.env);
  const read = environment.safeParse(given);
  if (!read.success) {
    for (const { path, message } of read.error.issues) {
      const name = path.join('.');
      console.error(`${name}: ${given[name] === undefined ? 'is required' : message}`);
    }
    process.exitCode = EXIT_CONFIGURATION;
    return;
  }
  for (const offered of await offerPlans(read.data)) console.log(lineOf(offered));
}

async function offerPlans({ DATABASE_URL, ...stripe }: Environment): Promise<readonly OfferedPlan[]> {
  const pool = createPool(DATABASE_URL, CONNECTIONS);
  try {
    const database = new Database(drizzle(pool));
    const gateway = new StripePaymentGateway({
      secretKey: stripe.STRIPE_SECRET_KEY,
      webhookSecrets: [],
      apiBaseUrl: stripe.STRIPE_API_BASE_URL,
    });
    return await new OfferPlans(new DrizzleUnitOfWork(database), new DrizzlePlans(database), gateway).execute();
  } finally {
    await pool.end();
  }
}

function lineOf({ plan, priceId, isNew }: OfferedPlan): string {
  const { slug, interval, price, currency } = plan;
  return `${slug} ${interval}: ${price} ${currency}, ${priceId}${isNew ? ', new' : ''}`;
}

main().catch((error: unknown) => {
  console.error(error instanceof DomainError ? error.message : describeFailure(error));
  process.exitCode = 1;
});

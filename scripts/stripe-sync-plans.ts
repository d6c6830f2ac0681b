import { Logger } from '@nestjs/common';
import { drizzle } from 'drizzle-orm/node-postgres';
import { z } from 'zod';
import { DrizzlePlans } from '../src/modules/billing/adapters/drizzle/drizzle-plans';
import { StripePaymentGateway } from '../src/modules/billing/adapters/stripe/stripe-payment-gateway';
import { OfferPlans, type OfferedPlan } from '../src/modules/billing/application/offer-plans';
import type { RetiredLocalPayments } from '../src/modules/billing/application/retire-local-payments';
import { billingVariables } from '../src/modules/billing/billing.settings';
import { Database } from '../src/shared/database/database';
import { databaseVariables } from '../src/shared/database/database.settings';
import { DrizzleUnitOfWork } from '../src/shared/database/drizzle-unit-of-work';
import { createPool } from '../src/shared/database/pool';
import { DomainError } from '../src/shared/kernel/domain-error';
import { describeFailure } from '../src/shared/observability/describe-failure';
import { readEnvironment } from './read-environment';
import { Retirement } from './retirement';

/** One plan at a time. */
const CONNECTIONS = 1;

const environment = z.object({
  DATABASE_URL: databaseVariables.DATABASE_URL.unwrap(),
  STRIPE_SECRET_KEY: billingVariables.STRIPE_SECRET_KEY.unwrap(),
  STRIPE_API_BASE_URL: billingVariables.STRIPE_API_BASE_URL,
});
type Environment = z.infer<typeof environment>;

interface Outcome {
  readonly retired: RetiredLocalPayments;
  readonly offered: readonly OfferedPlan[];
}

/**
 * `npm run stripe:sync-plans`: creates or updates a product per tier and a price per paid plan at Stripe, as the
 * database's plans say, and notes the prices' ids. What the local payment page has left ends before. May be repeated at any time, while the service runs.
 */
async function main(): Promise<void> {
  Logger.overrideLogger(['error', 'fatal']);
  const given = readEnvironment(environment);
  if (!given) return;
  const { retired, offered } = await offerPlans(given);
  if (retired.customers > 0) {
    console.log(`Retired ${String(retired.customers)} customers of the local payment page, whose paid plans end.`);
  }
  for (const one of offered) console.log(lineOf(one));
}

async function offerPlans({ DATABASE_URL, ...stripe }: Environment): Promise<Outcome> {
  const pool = createPool(DATABASE_URL, CONNECTIONS);
  try {
    const database = new Database(drizzle(pool));
    const gateway = new StripePaymentGateway({
      secretKey: stripe.STRIPE_SECRET_KEY,
      webhookSecrets: [],
      apiBaseUrl: stripe.STRIPE_API_BASE_URL,
    });
    const retired = await new Retirement(database).localPayments().execute();
    const plans = new DrizzlePlans(database);
    return { retired, offered: await new OfferPlans(new DrizzleUnitOfWork(database), plans, gateway).execute() };
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

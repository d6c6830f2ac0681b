import { Logger } from '@nestjs/common';
import { drizzle } from 'drizzle-orm/node-postgres';
import { z } from 'zod';
import { StripePaymentGateway } from '../src/modules/billing/adapters/stripe/stripe-payment-gateway';
import type { Leave } from '../src/modules/billing/application/retire-missing-customers';
import { billingVariables } from '../src/modules/billing/billing.settings';
import { Database } from '../src/shared/database/database';
import { databaseVariables } from '../src/shared/database/database.settings';
import { createPool } from '../src/shared/database/pool';
import { DomainError } from '../src/shared/kernel/domain-error';
import { describeFailure } from '../src/shared/observability/describe-failure';
import { readEnvironment } from './read-environment';
import { Retirement } from './retirement';

/** sysexits.h: the command was used wrongly. */
const EXIT_USAGE = 64;
const CONFIRM = '--confirm';
const ALL = '--all';
/** One customer at a time. */
const CONNECTIONS = 1;

const environment = z.object({
  DATABASE_URL: databaseVariables.DATABASE_URL.unwrap(),
  STRIPE_SECRET_KEY: billingVariables.STRIPE_SECRET_KEY.unwrap(),
  STRIPE_API_BASE_URL: billingVariables.STRIPE_API_BASE_URL,
});

/**
 * `npm run stripe:retire-missing`: shows every customer that the account of STRIPE_SECRET_KEY does not have; with
 * `-- --confirm` their subscriptions end, and the next purchase makes new customers. When not one of several is there,
 * that takes `-- --confirm --all`. May be repeated at any time.
 */
async function main(parameters: readonly string[]): Promise<void> {
  Logger.overrideLogger(['error', 'fatal']);
  if (parameters.some((parameter) => parameter !== CONFIRM && parameter !== ALL)) {
    console.error(`The only parameters are ${CONFIRM} and ${ALL}.`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  const given = readEnvironment(environment);
  const leave = { isConfirmed: parameters.includes(CONFIRM), mayBeAll: parameters.includes(ALL) };
  if (given) await retireMissing(given, leave);
}

async function retireMissing({ DATABASE_URL, ...stripe }: z.infer<typeof environment>, leave: Leave): Promise<void> {
  const pool = createPool(DATABASE_URL, CONNECTIONS);
  try {
    const gateway = new StripePaymentGateway({
      secretKey: stripe.STRIPE_SECRET_KEY,
      webhookSecrets: [],
      apiBaseUrl: stripe.STRIPE_API_BASE_URL,
    });
    const customers = new Retirement(new Database(drizzle(pool))).missingCustomers(gateway).execute(leave);
    const count = { missing: 0, all: 0 };
    for await (const { customerId, isMissing } of customers) {
      count.all += 1;
      count.missing += Number(isMissing);
      console.log(`${customerId}: ${isMissing ? `missing${leave.isConfirmed ? ', retired' : ''}` : 'there'}`);
    }
    console.log(summary(count, leave));
  } finally {
    await pool.end();
  }
}

function summary({ missing, all }: { readonly missing: number; readonly all: number }, { isConfirmed }: Leave): string {
  const found = `${String(missing)} of ${String(all)} customers are not in this account`;
  if (missing === 0) return `${found}.`;
  if (isConfirmed) return `${found}: retired. Their paid plans have ended.`;
  return `${found}. Nothing was changed. If the key is the right one: npm run stripe:retire-missing -- ${CONFIRM}`;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof DomainError ? error.message : describeFailure(error));
  process.exitCode = 1;
});

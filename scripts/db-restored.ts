import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { drizzle } from 'drizzle-orm/node-postgres';
import { z } from 'zod';
import { DrizzleRestorations } from '../src/modules/calls/adapters/drizzle/drizzle-restorations';
import { AbandonComparison } from '../src/modules/calls/application/abandon-comparison';
import { MarkRestored } from '../src/modules/calls/application/mark-restored';
import { Database } from '../src/shared/database/database';
import { databaseVariables } from '../src/shared/database/database.settings';
import { DrizzleAuditTrail } from '../src/shared/database/drizzle-audit-trail';
import { DrizzleUnitOfWork } from '../src/shared/database/drizzle-unit-of-work';
import { createPool } from '../src/shared/database/pool';
import { describeFailure } from '../src/shared/observability/describe-failure';
import { readEnvironment } from './read-environment';

const CONNECTIONS = 1;
/** sysexits.h: the command was used incorrectly. */
const EXIT_USAGE = 64;

const environment = z.object({ DATABASE_URL: databaseVariables.DATABASE_URL.unwrap() });
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

interface Wish {
  readonly since: Date | undefined;
  readonly isAbandoning: boolean;
}

/**
 * `npm run db:restored`: tells the service that its database was put back to a backup, before an instance starts on it.
 * Nothing goes out until the vendors' calls since then are compared with it and an administrator resumes the queue.
 */
async function main(): Promise<void> {
  Logger.overrideLogger(['error', 'fatal']);
  const wish = readWish();
  const given = wish && readEnvironment(environment);
  if (!given) return;
  const pool = createPool(given.DATABASE_URL, CONNECTIONS);
  try {
    await (wish.isAbandoning ? abandon(partsOf(pool)) : mark(partsOf(pool), wish.since));
  } finally {
    await pool.end();
  }
}

function readWish(): Wish | undefined {
  try {
    const { values } = parseArgs({ options: { since: { type: 'string' }, 'abandon-comparison': { type: 'boolean' } } });
    const since = values.since === undefined ? undefined : moment.parse(values.since);
    return { since, isAbandoning: values['abandon-comparison'] ?? false };
  } catch {
    console.error(
      'Usage: npm run db:restored [-- --since <time such as 2026-03-26T15:43:00Z>], or [-- --abandon-comparison]',
    );
    process.exitCode = EXIT_USAGE;
    return undefined;
  }
}

function partsOf(pool: ReturnType<typeof createPool>) {
  const database = new Database(drizzle(pool));
  const author = { get: () => ({ kind: 'system', userId: null, requestId: null }) as const };
  const trail = new DrizzleAuditTrail(database, author);
  return { unitOfWork: new DrizzleUnitOfWork(database), restorations: new DrizzleRestorations(database), trail };
}
type Parts = ReturnType<typeof partsOf>;

async function mark({ unitOfWork, restorations, trail }: Parts, given: Date | undefined): Promise<void> {
  const since = await new MarkRestored(unitOfWork, restorations, trail).execute(given);
  console.log(
    `The queue is paused. The vendors' calls since ${since.toISOString()} will be compared with the database.`,
  );
  console.log('If an instance has run on it since the restore, repeat this with --since and the time of the backup.');
  console.log('Next: 1. Add providers again that were added after the backup. 2. Start the service: it compares.');
  console.log(
    '3. POST /v1/admin/queue/resume: it names the providers that are not compared yet, or lets calls go out.',
  );
}

async function abandon({ unitOfWork, restorations, trail }: Parts): Promise<void> {
  const wasMarked = await new AbandonComparison(unitOfWork, restorations, trail).execute();
  console.log(
    wasMarked
      ? 'The comparison counts as complete: what is missing may ring twice. POST /v1/admin/queue/resume lets calls go out.'
      : 'The database is not marked as restored; nothing was changed.',
  );
}

main().catch((error: unknown) => {
  console.error(describeFailure(error));
  process.exitCode = 1;
});

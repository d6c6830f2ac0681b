import { randomUUID } from 'node:crypto';
import type { Limits } from '../../src/modules/billing/domain/allowance';
import { makeDrizzleLedgerWorld } from '../support/drizzle-ledger-world';
import { balancesOf, InMemoryUsageLedger } from '../support/fakes/in-memory-usage-ledger';
import { describeUsageLedger, type LedgerWorld } from './usage-ledger.contract';

describeUsageLedger('in memory', () => Promise.resolve(makeInMemoryWorld()));
describeUsageLedger('PostgreSQL', makeDrizzleLedgerWorld);

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

function makeInMemoryWorld(): LedgerWorld {
  const ledger = new InMemoryUsageLedger();
  const subscribed = new Map<string, { limits: Limits; since: Date }>();
  const subscribe = (userId: string, limits: Limits, since: Date) => {
    subscribed.set(userId, { limits, since });
    ledger.subscribe(userId, limits, since);
  };
  return {
    ledger,
    run: (work) => work(),
    subscriber: (limits) => {
      const userId = randomUUID();
      subscribe(userId, limits, new Date(Date.now() - HOUR_MS));
      return Promise.resolve(userId);
    },
    change: (userId, limits) => {
      ledger.change(userId, limits);
      return Promise.resolve();
    },
    overtake: (userId, limits) => {
      const before = subscribed.get(userId);
      if (before) subscribe(userId, limits, before.since);
      return Promise.resolve();
    },
    unsubscribe: (userId) => {
      ledger.unsubscribe(userId);
      return Promise.resolve();
    },
    resubscribe: (userId) => {
      const before = subscribed.get(userId);
      if (before) subscribe(userId, before.limits, before.since);
      return Promise.resolve();
    },
    renew: (userId) => {
      const before = subscribed.get(userId);
      if (before) subscribe(userId, before.limits, new Date(before.since.getTime() + MINUTE_MS));
      return Promise.resolve();
    },
    wish: (userId, minutes) => Promise.resolve({ attemptId: randomUUID(), callQueueId: randomUUID(), userId, minutes }),
    periods: (userId) =>
      Promise.resolve(
        ledger.books
          .filter((book) => book.userId === userId)
          .map((book) => ({ totals: balancesOf(book), lines: book.lines })),
      ),
    close: () => Promise.resolve(),
  };
}

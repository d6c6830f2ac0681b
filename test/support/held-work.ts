import type { TestDatabase } from './test-database';
import { waitFor } from './wait-for';

/** Resolves once `count` statements of the database wait for a lock. */
export async function waitUntilBlocked(database: TestDatabase, count: number): Promise<void> {
  await waitFor(
    async () => {
      const rows = await database.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows.length >= count;
    },
    `${String(count)} statement(s) wait for a lock`,
  );
}

/** A unit of work that stays open after `work` until it is told how to end. */
export async function holdOpen(
  { run }: { run<T>(work: () => Promise<T>): Promise<T> },
  work: () => Promise<unknown>,
): Promise<(choice: 'commit' | 'roll back') => Promise<void>> {
  let end: (outcome: 'commit' | 'roll back') => void = () => undefined;
  const outcome = new Promise<'commit' | 'roll back'>((resolve) => (end = resolve));
  let hasWorked: () => void = () => undefined;
  const worked = new Promise<void>((resolve) => (hasWorked = resolve));
  const finished = run(async () => {
    await work();
    hasWorked();
    if ((await outcome) === 'roll back') throw new Error('rolled back on purpose');
  }).catch(() => undefined);
  await worked;
  return async (choice) => {
    end(choice);
    await finished;
  };
}

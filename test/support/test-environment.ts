import type { TestCluster } from './test-cluster';

/** The variable that carries the run's cluster from the global setup to the workers. */
const VARIABLE = 'RINGONCE_TEST_CLUSTER';

/** Makes the cluster known to the test files of this run. */
export function announceCluster(cluster: TestCluster): void {
  process.env[VARIABLE] = JSON.stringify(cluster);
}

/** The cluster of this run. */
export function announcedCluster(): TestCluster {
  const text = process.env[VARIABLE];
  if (!text) throw new Error('No PostgreSQL for tests: run this file in the jest project "whole"');
  return JSON.parse(text) as TestCluster;
}

/** Whose binaries, or which server, the run is to use instead of the embedded PostgreSQL. */
export function chosenServer(): { readonly binaries: string | undefined; readonly superuserUrl: string | undefined } {
  return {
    binaries: process.env['TEST_POSTGRES_BIN'] || undefined,
    superuserUrl: process.env['TEST_DATABASE_URL'] || undefined,
  };
}

/** How much of the fault suite runs: every point, or some that the seed draws. */
export function faultForm(): { readonly isLong: boolean; readonly seed: number } {
  return { isLong: process.env['FAULT_FORM'] === 'long', seed: Number(process.env['FAULT_SEED'] ?? 1) };
}

/** How long each phase of an update takes: some calls, or some hundred. */
export function upgradeForm(): { readonly isLong: boolean } {
  return { isLong: process.env['UPGRADE_FORM'] === 'long' };
}

/** How many rows lie in the large tables while the plans of the hot statements are looked at. */
export function planRows(): number {
  return process.env['PLANS_FORM'] === 'long' ? LONG_TABLES : SHORT_TABLES;
}

/** How large a storm is, and whether PgBouncer is at hand for one. @param find looks for it in the environment */
export function stormForm(find: (environment: NodeJS.ProcessEnv) => string | undefined) {
  const { isLong, seed } = faultForm();
  const wanted = process.env['FAULT_STORM'];
  const calls = Number(wanted ?? (isLong ? LONG_STORM : SHORT_STORM));
  // Among all the other tests nobody looks for its figures.
  return { seed, calls, pgbouncer: find(process.env), isSilent: process.env['FAULT_FORM'] === undefined };
}

const SHORT_TABLES = 20_000;
const LONG_TABLES = 1_000_000;
const SHORT_STORM = 240;
const LONG_STORM = 20_000;

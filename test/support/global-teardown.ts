import { rm } from 'node:fs/promises';
import { underWay } from './run-end';
import { runFolder } from './run-record';
import { removeTemplate } from './test-cluster';
import { announcedCluster } from './test-environment';

/** Ends the run's own server; on a server that was only lent, removes what the run has created. */
export default async function globalTeardown(): Promise<void> {
  const run = underWay.ringonceRun;
  // Whoever chooses other reporters is not spared the search.
  const report = run && !run.isSearched ? await run.search() : undefined;
  if (run?.server) await run.server.stop();
  else await removeTemplate(announcedCluster());
  await rm(runFolder(), { recursive: true, force: true, maxRetries: 3 });
  if (report && !report.isClean) throw new Error(report.words);
}

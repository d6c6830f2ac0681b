import type { RunningServer } from '../../src/local/postgres-server';
import { prepareTemplate, startTestServer } from './test-cluster';
import { announceCluster, chosenServer } from './test-environment';

/** What the teardown ends; both run in jest's own process. */
export const started = globalThis as { ringonceServer?: RunningServer | undefined };

/** One PostgreSQL for the whole run: embedded, of the binaries in TEST_POSTGRES_BIN, or the server TEST_DATABASE_URL. */
export default async function globalSetup(): Promise<void> {
  const { binaries, superuserUrl } = chosenServer();
  const server = superuserUrl ? undefined : await startTestServer(binaries);
  try {
    announceCluster(await prepareTemplate(superuserUrl ?? server?.superuserUrl ?? ''));
    started.ringonceServer = server;
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

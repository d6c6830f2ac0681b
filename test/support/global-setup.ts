import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOn, underWay } from './run-end';
import { announceRun, recordEnvironment, recordSecret } from './run-record';
import { KEEP_CHANGES, prepareTemplate, startTestServer } from './test-cluster';
import { announceCluster, chosenServer } from './test-environment';

/** What the stand-ins' answers contain as the vendors' do, and nobody may keep. */
const VENDOR_SECRETS = { 'carrier token in an answer': 'sandbox-carrier-secret' };

/** One PostgreSQL for the whole run: embedded, of the binaries in TEST_POSTGRES_BIN, or the server TEST_DATABASE_URL. */
export default async function globalSetup(): Promise<void> {
  const { binaries, superuserUrl } = chosenServer();
  const folder = await mkdtemp(join(tmpdir(), 'ringonce-test-'));
  // The account that PostgreSQL runs as has to get to its own folder inside.
  await chmod(folder, 0o711);
  announceRun(folder);
  const server = superuserUrl ? undefined : await startTestServer(binaries, { settings: KEEP_CHANGES, parent: folder });
  try {
    const cluster = await prepareTemplate(superuserUrl ?? server?.superuserUrl ?? '');
    announceCluster(cluster);
    for (const [label, secret] of Object.entries(VENDOR_SECRETS)) recordSecret(label, secret);
    recordSecret("password of the service's database account", cluster.password);
    recordEnvironment({ ...process.env, TEST_DATABASE_URL: cluster.superuserUrl });
    underWay.ringonceRun = runOn(server);
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

import { prepareLocalMode } from '../../src/local/prepare-local-mode';

/** A service in local mode, as far as its database goes: tells its parent where that is, and waits to be ended. */
async function main(): Promise<void> {
  const local = await prepareLocalMode({ DATA_DIR: process.argv[2] });
  process.on('SIGTERM', () => {
    void local.stop().then(() => process.exit(0));
  });
  process.send?.({ url: local.environment['DATABASE_URL'] });
}

main().catch((error: unknown) => {
  process.send?.({ problem: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
});

import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedBinaries, reachableBinaries } from '../../src/local/postgres-binaries';
import { createCluster, type RunningServer, startServer } from '../../src/local/postgres-server';
import { serverAccount } from '../../src/local/server-account';
import { urlOfDatabase, withSession } from '../../src/shared/database/connection';
import { migrate } from '../../src/shared/database/migrate';
import { applySupabaseShim, grantLikeSupabase } from '../../src/shared/database/supabase-shim';
import { BenchDatabase } from './bench-database';

/** The service's account: no superuser, as on Supabase. */
const ROLE = 'ringonce';
const TEMPLATE = 'ringonce_template';

/**
 * A PostgreSQL of the bench's own, from the embedded binaries (`BENCH_POSTGRES_BIN` names others), with the defaults that
 * the service's local mode has: everything synced, autovacuum on.
 */
export class BenchServer {
  private copies = 0;

  private constructor(
    private readonly server: RunningServer,
    private readonly password: string,
    private readonly folder: string,
  ) {}

  /** Starts it, and makes a migrated database to copy. */
  static async start(): Promise<BenchServer> {
    const account = await serverAccount();
    const folder = await mkdtemp(join(tmpdir(), 'ringonce-bench-'));
    if (account.uid !== undefined && account.gid !== undefined) await chown(folder, account.uid, account.gid);
    const password = randomBytes(12).toString('hex');
    try {
      const cluster = {
        binaries: await reachableBinaries(process.env['BENCH_POSTGRES_BIN'] || embeddedBinaries(), account),
        account,
        dataDirectory: join(folder, 'data'),
        logFile: join(folder, 'log'),
        password,
      };
      await createCluster(cluster);
      const server = new BenchServer(await startServer(cluster), password, folder);
      await server.prepareTemplate();
      return server;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get superuserUrl(): string {
    return this.server.superuserUrl;
  }

  /** `PostgreSQL 18.1`. */
  async version(): Promise<string> {
    const [row] = await withSession(this.superuserUrl, (session) =>
      session.query<{ server_version: string }>('show server_version'),
    );
    return `PostgreSQL ${row?.server_version ?? ''}`;
  }

  /** A copy of the migrated database, with a checkpoint behind it: what came before is written by then. */
  async createDatabase(): Promise<BenchDatabase> {
    this.copies += 1;
    const name = `bench_${String(this.copies)}`;
    await withSession(this.superuserUrl, async (session) => {
      await session.query(`create database ${name} template ${TEMPLATE}`);
      await session.query(`grant all on database ${name} to ${ROLE}`);
      await session.query('checkpoint');
    });
    return new BenchDatabase({
      name,
      serverUrl: this.superuserUrl,
      url: this.serviceUrl(name),
      superuserUrl: urlOfDatabase(this.superuserUrl, name),
    });
  }

  async stop(): Promise<void> {
    await this.server.stop('immediate');
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  private async prepareTemplate(): Promise<void> {
    await withSession(this.superuserUrl, async (session) => {
      await session.query(`create role ${ROLE} login nosuperuser createrole bypassrls password '${this.password}'`);
      await session.query(`create database ${TEMPLATE}`);
      await session.query(`grant all on database ${TEMPLATE} to ${ROLE}`);
    });
    await withSession(urlOfDatabase(this.superuserUrl, TEMPLATE), async (session) => {
      await applySupabaseShim(session);
      await grantLikeSupabase(session, ROLE);
    });
    await migrate(this.serviceUrl(TEMPLATE));
    // Statistics as after a while of use, so that the first plans are not guesses.
    await withSession(urlOfDatabase(this.superuserUrl, TEMPLATE), (session) => session.query('vacuum analyze'));
  }

  private serviceUrl(database: string): string {
    const url = new URL(urlOfDatabase(this.superuserUrl, database));
    url.username = ROLE;
    url.password = this.password;
    return url.href;
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chmodSync, chownSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { withSession } from '../../../src/shared/database/connection';
import { serverAccount } from '../../../src/local/server-account';
import { freePort } from '../../support/service';
import { waitFor } from '../../support/wait-for';
import { withPort } from './storm-database';

const START_MS = 20_000;

/** Where PgBouncer is: PGBOUNCER_BIN, or the first one on the PATH. */
export function findPgBouncer(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const folders = (environment['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'pgbouncer'));
  const candidates = [environment['PGBOUNCER_BIN'] ?? '', ...folders, '/usr/sbin/pgbouncer'];
  return candidates.find((file) => file !== '' && isExecutable(file));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A PgBouncer in transaction mode in front of one database, with a configuration made for it. */
export class PgBouncer {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    private readonly folder: string,
  ) {}

  static async start(binary: string, databaseUrl: string): Promise<PgBouncer> {
    const account = await serverAccount();
    const folder = mkdtempSync(join(tmpdir(), 'ringonce-pooler-'));
    const port = await freePort();
    const own = (file: string, mode: number) => {
      if (account.uid !== undefined && account.gid !== undefined) chownSync(file, account.uid, account.gid);
      chmodSync(file, mode);
    };
    const { username, password } = new URL(databaseUrl);
    const users = join(folder, 'users.txt');
    const configuration = join(folder, 'pgbouncer.ini');
    writeFileSync(users, `"${username}" "${decodeURIComponent(password)}"\n`);
    writeFileSync(configuration, configure(new URL(databaseUrl), port, users));
    own(users, 0o600);
    own(configuration, 0o600);
    own(folder, 0o700);
    // It refuses to run as root, like PostgreSQL.
    const child = spawn(binary, ['-q', configuration], { ...account, cwd: '/', stdio: 'ignore' });
    child.on('error', () => undefined);
    const pooler = new PgBouncer(child, withPort(databaseUrl, port), folder);
    const answers = () => withSession(pooler.url, (session) => session.query('select 1'));
    await waitFor(answers, 'PgBouncer answers', START_MS).catch(async (error: unknown) => {
      await pooler.stop();
      throw error;
    });
    return pooler;
  }

  async stop(): Promise<void> {
    if (this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Fewer sessions than the instances would open, so that they have to share; a lost server is tried again at once. */
function configure({ hostname, port, pathname }: URL, listenPort: number, users: string): string {
  return `[databases]
${pathname.slice(1)} = host=${hostname} port=${port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = 12
max_client_conn = 300
server_login_retry = 1
server_connect_timeout = 3
query_wait_timeout = 20
`;
}

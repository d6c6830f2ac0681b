import { createHmac } from 'node:crypto';
import { chmod, chown, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { urlOfDatabase } from '../shared/database/connection';
import { createDatabase } from '../shared/database/create-database';
import { migrate } from '../shared/database/migrate';
import type { LocalSecrets } from './local-secrets';
import { embeddedBinaries, reachableBinaries } from './postgres-binaries';
import { type Cluster, createCluster, type RunningServer, startServer } from './postgres-server';
import { DataDirectoryInUse, endPreviousServer, takeOwnership } from './previous-server';
import { canReach, type ServerAccount, serverAccount } from './server-account';

const DATABASE = 'ringonce';
/** The service's own account: no superuser, with what Supabase's `postgres` has. */
const ROLE = 'ringonce';

/** A migrated database that lives as long as its service. */
export interface EmbeddedDatabase {
  readonly url: string;
  /** Where its files are: in the data directory, or elsewhere when PostgreSQL cannot get there. */
  readonly directory: string;
  stop(): Promise<void>;
}

/** What differs in tests. */
export interface EmbeddedDatabaseOptions {
  readonly binaries?: string;
  readonly settings?: readonly string[];
  /** Tells the person at the terminal what is unusual. */
  readonly say?: (line: string) => void;
}

/**
 * Starts the database of a data directory (absolute, without symbolic links, existing): creates it the first time, recovers it when its service was killed.
 * @throws DataDirectoryInUse when another service runs on the same directory
 */
export async function startEmbeddedDatabase(
  dataDirectory: string,
  secrets: LocalSecrets,
  { binaries = embeddedBinaries(), settings = [], say = () => undefined }: EmbeddedDatabaseOptions = {},
): Promise<EmbeddedDatabase> {
  const account = await serverAccount();
  const folder = await clusterFolder(dataDirectory, account, secrets, say);
  const cluster: Cluster = {
    binaries: await reachableBinaries(binaries, account),
    account,
    dataDirectory: join(folder, 'postgres'),
    logFile: join(folder, 'postgres.log'),
    password: secrets.superuserPassword,
    settings,
  };
  await createCluster(cluster);
  await endPreviousServer(cluster.dataDirectory, secrets.superuserPassword, dataDirectory);
  return own(await startAlone(cluster, dataDirectory), cluster, secrets, dataDirectory);
}

/** Two services that begin at the same moment: the later one finds the lock file of the other. */
async function startAlone(cluster: Cluster, dataDirectory: string): Promise<RunningServer> {
  try {
    return await startServer(cluster);
  } catch (error) {
    await endPreviousServer(cluster.dataDirectory, cluster.password, dataDirectory);
    throw error;
  }
}

async function own(
  server: RunningServer,
  cluster: Cluster,
  secrets: LocalSecrets,
  dataDirectory: string,
): Promise<EmbeddedDatabase> {
  try {
    const ownership = await takeOwnership(server.superuserUrl);
    if (!ownership) throw new DataDirectoryInUse(dataDirectory);
    const url = await prepareDatabase(server.superuserUrl, secrets.servicePassword);
    return {
      url,
      directory: cluster.dataDirectory,
      stop: async () => {
        await ownership.close().catch(() => undefined);
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Account, database, shim and migrations. @returns where the service finds it */
async function prepareDatabase(superuserUrl: string, password: string): Promise<string> {
  await createDatabase(superuserUrl, { role: ROLE, password, database: DATABASE });
  const url = new URL(urlOfDatabase(superuserUrl, DATABASE));
  url.username = ROLE;
  url.password = password;
  await migrate(url.href);
  return url.href;
}

/** The data directory, unless the account that PostgreSQL runs as cannot get there. */
async function clusterFolder(
  dataDirectory: string,
  account: ServerAccount,
  { superuserPassword }: LocalSecrets,
  say: (line: string) => void,
): Promise<string> {
  const inside = join(dataDirectory, 'database');
  if (account.uid === undefined) {
    await mkdir(inside, { recursive: true, mode: 0o700 });
    return inside;
  }
  if (await canReach(account, dirname(dataDirectory), 'x')) {
    await chmod(dataDirectory, 0o711);
    return openTo(account, inside);
  }
  // Not by the path alone: a directory that was removed and made again has other secrets, and begins anew.
  const key = createHmac('sha256', superuserPassword).update(dataDirectory).digest('hex').slice(0, 16);
  const elsewhere = join(tmpdir(), `ringonce-data-${key}`);
  say(
    `PostgreSQL does not run as root, and its account cannot reach ${dataDirectory}: the database is in ${elsewhere}`,
  );
  return openTo(account, elsewhere);
}

/** A folder of the account alone. In a temporary directory somebody else may have been there first. */
async function openTo({ uid, gid }: ServerAccount, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  const isOurs = found.isDirectory() && (found.uid === uid || found.uid === process.getuid?.());
  if (!isOurs || uid === undefined || gid === undefined)
    throw new Error(`${folder} belongs to somebody else: remove it`);
  await chown(folder, uid, gid);
  return folder;
}

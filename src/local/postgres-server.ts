import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, lstat, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openSession } from '../shared/database/connection';
import { majorVersion } from './postgres-binaries';
import { isAlive } from './process-alive';
import type { ServerAccount } from './server-account';

const run = promisify(execFile);
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
const FAST_STOP_MS = 15_000;
export const SUPERUSER = 'postgres';

/** Where a cluster is, and what runs it. */
export interface Cluster {
  /** The directory with `initdb` and `postgres`. */
  readonly binaries: string;
  readonly account: ServerAccount;
  readonly dataDirectory: string;
  /** PostgreSQL's own messages, of this start only. */
  readonly logFile: string;
  /** The superuser's. */
  readonly password: string;
  /** `name=value` settings of the server. */
  readonly settings?: readonly string[];
}

/** A PostgreSQL of our own. It listens on the loopback address alone, and ends when this process does, however it does. */
export interface RunningServer {
  readonly port: number;
  readonly superuserUrl: string;
  /** Fast: open transactions roll back. Immediate: for data that nobody needs again. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
}

/** Creates the cluster's files unless they are there. A half-made cluster is never left under the final name. */
export async function createCluster(cluster: Cluster): Promise<void> {
  const { dataDirectory, account } = cluster;
  if (await lstat(join(dataDirectory, 'PG_VERSION')).catch(() => undefined)) return;
  await removeUnfinished(dataDirectory);
  const fresh = `${dataDirectory}.${String(process.pid)}`;
  const passwordFile = `${fresh}.password`;
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, cluster.password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    await chown(fresh, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  try {
    await run(join(cluster.binaries, 'initdb'), await initdbParameters(cluster, fresh, passwordFile), {
      ...account,
      cwd: dirname(cluster.binaries),
    });
    await rename(fresh, dataDirectory);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(fresh, { recursive: true, force: true });
  }
}

/** What was half made when its maker, whose process number it carries, was killed. */
async function removeUnfinished(dataDirectory: string): Promise<void> {
  const folder = dirname(dataDirectory);
  for (const name of await readdir(folder)) {
    const maker = /^\.(\d+)(\.password)?$/.exec(name.replace(basename(dataDirectory), ''))?.[1];
    if (maker === undefined || (isAlive(Number(maker)) && Number(maker) !== process.pid)) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function initdbParameters(cluster: Cluster, fresh: string, passwordFile: string): Promise<string[]> {
  const locale =
    (await majorVersion(cluster.binaries)) >= 17
      ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
      : ['--no-locale'];
  return [
    `--pgdata=${fresh}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-sync',
    ...locale,
  ];
}

/** Starts the cluster on a free port and returns when it answers. @throws an Error with PostgreSQL's own words */
export async function startServer(cluster: Cluster): Promise<RunningServer> {
  const port = await freePort();
  const child = await launch(cluster, port);
  const watcher = watch(child);
  const superuserUrl = `postgresql://${SUPERUSER}:${encodeURIComponent(cluster.password)}@127.0.0.1:${String(port)}/postgres`;
  child.once('exit', () => watcher?.kill('SIGKILL'));
  try {
    await untilItAnswers(child, superuserUrl);
  } catch (cause) {
    await stop(child, 'immediate');
    const words = await readFile(cluster.logFile, 'utf8').catch(() => '');
    throw new Error(`PostgreSQL did not start in ${cluster.dataDirectory}:\n${words.trim()}`, { cause });
  }
  return { port, superuserUrl, stop: (mode = 'fast') => stop(child, mode) };
}

async function launch(cluster: Cluster, port: number): Promise<ChildProcess> {
  const log = await open(cluster.logFile, 'w', 0o600);
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...(cluster.settings ?? [])];
  try {
    const child = spawn(
      join(cluster.binaries, 'postgres'),
      ['-D', cluster.dataDirectory, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
      // In a session of its own: Ctrl+C in a terminal reaches the service, which still needs its database to end well.
      { ...cluster.account, detached: true, stdio: ['ignore', log.fd, log.fd], cwd: dirname(cluster.binaries) },
    );
    child.on('error', () => undefined);
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

/** A shell that waits on a pipe which only this process holds: when it breaks, the server is told to end. */
function watch(server: ChildProcess): ChildProcess | undefined {
  if (process.platform === 'win32' || server.pid === undefined) return undefined;
  const watcher = spawn('sh', ['-c', 'read -r _; kill -INT "$0"', String(server.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  watcher.on('error', () => undefined);
  watcher.stdin.on('error', () => undefined);
  watcher.unref();
  (watcher.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return watcher;
}

async function untilItAnswers(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (hasEnded(child)) throw new Error('The server ended by itself');
    try {
      const session = await openSession(url);
      await session.close();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(POLL_MS);
    }
  }
}

async function stop(child: ChildProcess, mode: 'fast' | 'immediate'): Promise<void> {
  if (hasEnded(child)) return;
  child.ref();
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  const harder = setTimeout(() => child.kill('SIGQUIT'), FAST_STOP_MS);
  await ended;
  clearTimeout(harder);
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}

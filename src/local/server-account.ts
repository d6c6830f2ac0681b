import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ACCOUNT = 'postgres';

/** Whom PostgreSQL runs as. Undefined ids: as ourselves. */
export interface ServerAccount {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * PostgreSQL refuses to run as root. Started as root, it gets the account `postgres`, which is created where missing.
 * @throws an Error that says what to do where no account can be had
 */
export async function serverAccount(): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return {};
  const existing = await lookUp();
  if (existing) return existing;
  await createAccount();
  const created = await lookUp();
  if (!created) throw new Error(`PostgreSQL does not run as root, and the account ${ACCOUNT} could not be created`);
  return created;
}

/** Whether the account gets through to `path` with the given right: x (enter or execute) or w (write). */
export async function canReach(account: ServerAccount, path: string, right: 'x' | 'w'): Promise<boolean> {
  if (account.uid === undefined) return true;
  try {
    await run('test', [`-${right}`, path], { ...account, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}

async function lookUp(): Promise<Required<ServerAccount> | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', ACCOUNT]), run('id', ['-g', ACCOUNT])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** The ways of the usual distributions and of BusyBox. */
async function createAccount(): Promise<void> {
  const ways = [
    ['useradd', '--system', '--user-group', '--no-create-home', ACCOUNT],
    ['adduser', '-S', '-D', '-H', ACCOUNT],
  ] as const;
  for (const [command, ...parameters] of ways) {
    try {
      await run(command, parameters);
      return;
    } catch {
      continue;
    }
  }
}

import { parseArgs } from 'node:util';
import { DEFAULT_DATA_DIRECTORY, DEMO_USER } from '../src/local/prepare-local-mode';
import { localSecrets } from '../src/local/local-secrets';
import { signUp } from '../src/local/sign-up';
import { isLocalMode, withSecretFiles } from '../src/settings';
import { withSession } from '../src/shared/database/connection';
import { isSupabase } from '../src/shared/database/supabase-shim';
import { accessToken, type TokenHolder } from './access-token';

const USAGE = 'Usage: npm run token -- --user <uuid|demo> [--admin] [--sign-up]';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface Wish extends TokenHolder {
  /** Whether the user is to be created where missing, which only a database without Supabase allows. */
  readonly isSigningUp: boolean;
}

/**
 * Prints an access token for the local service, or for one whose SUPABASE_JWT_SECRET is given: the token alone, so that
 * it can be piped.
 */
async function main(): Promise<void> {
  const environment = withSecretFiles(process.env);
  const wish = readArguments();
  const secret = await secretOf(environment);
  const { DATABASE_URL } = environment;
  if (wish.isSigningUp) await signUpAt(DATABASE_URL ?? '', wish.userId);
  process.stdout.write(`${await accessToken(secret, wish)}\n`);
}

async function secretOf(environment: NodeJS.ProcessEnv): Promise<string> {
  const { DATA_DIR = DEFAULT_DATA_DIRECTORY, SUPABASE_JWT_SECRET } = environment;
  if (SUPABASE_JWT_SECRET) return SUPABASE_JWT_SECRET;
  if (!isLocalMode(environment)) {
    throw new Error('Tokens are made with SUPABASE_JWT_SECRET or in local mode; elsewhere Supabase issues them.');
  }
  return (await localSecrets(DATA_DIR)).jwtSecret;
}

/** @throws an Error where Supabase keeps the accounts */
async function signUpAt(databaseUrl: string, id: string): Promise<void> {
  if (!databaseUrl) throw new Error('--sign-up needs DATABASE_URL.');
  if (await withSession(databaseUrl, isSupabase)) throw new Error('Users of this database sign up at Supabase.');
  await signUp(databaseUrl, id === DEMO_USER.id ? DEMO_USER : { id, email: `${id}@ringonce.local` });
}

function readArguments(): Wish {
  const { values } = parseArgs({
    options: {
      user: { type: 'string' },
      admin: { type: 'boolean', default: false },
      'sign-up': { type: 'boolean', default: false },
    },
  });
  const userId = values.user === 'demo' ? DEMO_USER.id : values.user;
  if (!userId || !UUID.test(userId)) throw new Error(USAGE);
  return { userId: userId.toLowerCase(), isAdmin: values.admin, isSigningUp: values['sign-up'] };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

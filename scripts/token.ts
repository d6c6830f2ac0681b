import { parseArgs } from 'node:util';
import { DEFAULT_DATA_DIRECTORY, DEMO_USER } from '../src/local/prepare-local-mode';
import { localSecrets } from '../src/local/local-secrets';
import { isLocalMode, withoutEmpty } from '../src/settings';
import { accessToken, type TokenHolder } from './access-token';

const USAGE = 'Usage: npm run token -- --user <uuid|demo> [--admin]';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Prints an access token for the local service: the token alone, so that it can be piped. */
async function main(): Promise<void> {
  if (!isLocalMode(process.env)) throw new Error('Tokens are made in local mode only; elsewhere Supabase issues them.');
  const holder = readArguments();
  const { DATA_DIR = DEFAULT_DATA_DIRECTORY, SUPABASE_JWT_SECRET } = withoutEmpty(process.env);
  const secret = SUPABASE_JWT_SECRET ?? (await localSecrets(DATA_DIR)).jwtSecret;
  process.stdout.write(`${await accessToken(secret, holder)}\n`);
}

function readArguments(): TokenHolder {
  const { values } = parseArgs({ options: { user: { type: 'string' }, admin: { type: 'boolean', default: false } } });
  const userId = values.user === 'demo' ? DEMO_USER.id : values.user;
  if (!userId || !UUID.test(userId)) throw new Error(USAGE);
  return { userId: userId.toLowerCase(), isAdmin: values.admin };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

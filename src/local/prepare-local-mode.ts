import { mkdir, realpath } from 'node:fs/promises';
import { type EmbeddedDatabaseOptions, startEmbeddedDatabase } from './embedded-database';
import { type LocalSecrets, localSecrets } from './local-secrets';
import { signUp } from './sign-up';

/** Who tries the service out. */
export const DEMO_USER = { id: '00000000-0000-4000-8000-000000000001', email: 'demo@ringonce.local' } as const;

/** Where the embedded database and the generated secrets are kept unless DATA_DIR says otherwise. */
export const DEFAULT_DATA_DIRECTORY = '.data';

/** A service that runs without any configuration. */
export interface LocalMode {
  /** The given environment with what was missing: the database, the token secret, the credentials key. */
  readonly environment: NodeJS.ProcessEnv;
  /** The real path of `DATA_DIR`. */
  readonly dataDirectory: string;
  /** The key that the stand-in for Vapi accepts: the same at every start, because it is stored with the provider. */
  readonly vapiSandboxKey: string;
  /** Ends the embedded database. The service must be done with it. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded database of `DATA_DIR`, migrated and with the demo user, and fills in what is not configured.
 * @throws DataDirectoryInUse when another service runs on the same directory
 */
export async function prepareLocalMode(
  environment: NodeJS.ProcessEnv,
  options: EmbeddedDatabaseOptions = {},
): Promise<LocalMode> {
  const given = environment['DATA_DIR'] || DEFAULT_DATA_DIRECTORY;
  await mkdir(given, { recursive: true, mode: 0o700 });
  const dataDirectory = await realpath(given);
  const secrets = await localSecrets(dataDirectory);
  const database = await startEmbeddedDatabase(dataDirectory, secrets, { say: sayOnTerminal, ...options });
  try {
    await signUp(database.url, DEMO_USER);
  } catch (error) {
    await database.stop();
    throw error;
  }
  return {
    environment: { ...environment, ...generated(environment, database.url, secrets) },
    dataDirectory,
    vapiSandboxKey: secrets.vapiSandboxKey,
    stop: () => database.stop(),
  };
}

function generated(environment: NodeJS.ProcessEnv, url: string, secrets: LocalSecrets): NodeJS.ProcessEnv {
  const hasVerifier = Boolean(environment['SUPABASE_URL'] || environment['SUPABASE_JWT_SECRET']);
  return {
    DATABASE_URL: url,
    DATABASE_DIRECT_URL: url,
    ...(!hasVerifier && { SUPABASE_JWT_SECRET: secrets.jwtSecret }),
    ...(!environment['CREDENTIALS_KEYS'] && { CREDENTIALS_KEYS: secrets.credentialsKeys }),
  };
}

function sayOnTerminal(line: string): void {
  process.stderr.write(`${line}\n`);
}

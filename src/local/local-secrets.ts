import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a service that nobody configured makes up once and keeps. */
export interface LocalSecrets {
  /** Signs access tokens (HS256). */
  readonly jwtSecret: string;
  /** A key ring as in CREDENTIALS_KEYS. */
  readonly credentialsKeys: string;
  /** The key that the stand-in for Vapi accepts. */
  readonly vapiSandboxKey: string;
  /** Of the embedded database's superuser. */
  readonly superuserPassword: string;
  /** Of the account that the service itself uses. */
  readonly servicePassword: string;
}

const FILE = 'secrets.json';
const NAMES = ['jwtSecret', 'credentialsKeys', 'vapiSandboxKey', 'superuserPassword', 'servicePassword'] as const;

/** Reads the secrets of a data directory, or makes them. Several starts at once agree on one set. */
export async function localSecrets(dataDirectory: string): Promise<LocalSecrets> {
  const existing = await readLocalSecrets(dataDirectory);
  if (existing) return existing;
  const file = join(dataDirectory, FILE);
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(fresh, `${JSON.stringify(generate(), null, 2)}\n`, { mode: 0o600 });
  // A link appears whole or not at all, and never over another.
  await link(fresh, file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  await rm(fresh);
  return localSecrets(dataDirectory);
}

/**
 * The secrets of a data directory; undefined where no service has run yet.
 * @throws an Error that names the file when it is damaged
 */
export async function readLocalSecrets(dataDirectory: string): Promise<LocalSecrets | undefined> {
  const file = join(dataDirectory, FILE);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const parsed = parse(text);
  if (!parsed) throw new Error(`${file} is damaged: restore it, or remove ${dataDirectory} to begin anew`);
  return parsed;
}

function parse(text: string): LocalSecrets | undefined {
  try {
    const parsed = JSON.parse(text) as Partial<Record<string, unknown>>;
    return NAMES.every((name) => typeof parsed[name] === 'string') ? (parsed as unknown as LocalSecrets) : undefined;
  } catch {
    return undefined;
  }
}

function generate(): LocalSecrets {
  return {
    jwtSecret: randomBytes(32).toString('hex'),
    credentialsKeys: `local:${randomBytes(32).toString('base64')}`,
    vapiSandboxKey: randomBytes(16).toString('hex'),
    superuserPassword: randomBytes(16).toString('hex'),
    servicePassword: randomBytes(16).toString('hex'),
  };
}

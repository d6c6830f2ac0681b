import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The variable that carries the run's folder from the global setup to the workers. */
const VARIABLE = 'RINGONCE_TEST_RUN';
/** Holds every secret of the run, and is the one file that may. */
export const SECRETS_FILE = 'secrets.jsonl';
/** Less would be found by chance. */
const SHORTEST_SECRET = 16;
/** Stand for a key in the examples of the API's description. */
const PLACEHOLDERS = ['your-key'];
/** Variables of the service that are secrets as a whole. */
const SECRET_VARIABLES = [
  'SUPABASE_JWT_SECRET',
  'VAPI_API_KEY',
  'RETELL_API_KEY',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
];
const URL_VARIABLES = ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'TEST_DATABASE_URL'];
const TOKEN = /[\w-]+\.[\w-]+\.([\w-]{16,})/;

/** Something that may not be in clear in any log or in the database. */
export interface Secret {
  /** What it is, for the report; never its value. */
  readonly label: string;
  readonly bytes: Buffer;
}

const recorded = new Set<string>();
const keyRings = new Set<string>();

/** Makes the run's folder, which must exist, known to the test files of this run. */
export function announceRun(folder: string): void {
  for (const kind of ['logs', 'rows']) mkdirSync(join(folder, kind));
  process.env[VARIABLE] = folder;
}

/** Where the run keeps what is searched for secrets at its end: logs, rows, database files. */
export function runFolder(): string {
  const folder = process.env[VARIABLE];
  if (!folder) throw new Error('No run to record: run this file in the jest project "whole"');
  return folder;
}

/** A folder that is searched for secrets and removed at the end of the run: for data directories of a test. */
export function folderInRun(prefix: string): string {
  return mkdtempSync(join(runFolder(), prefix));
}

/** Adds text to what is searched for secrets at the end of the run, if there is a run. @param kind `logs` or `rows` */
export function keep(kind: 'logs' | 'rows', name: string, text: string): void {
  if (process.env[VARIABLE]) appendFileSync(join(runFolder(), kind, `${testName()}${name}`), text);
}

/** Keeps what a process of the product has said, for the search. */
export function keepOutput(chunk: Buffer | string): void {
  keep('logs', '.process.log', chunk.toString());
}

/** A secret that nothing else looks like, recorded. @param words what it is for, as in `vapi-key` */
export function makeSecret(words: string): string {
  const value = `${words}-${randomBytes(12).toString('hex')}`;
  recordSecret(words, value);
  return value;
}

/** From now on the value may be in no log and no row of this run. @throws when it is too short to be searched for */
export function recordSecret(label: string, value: string | Uint8Array): void {
  const bytes = Buffer.from(value as string);
  if (PLACEHOLDERS.includes(bytes.toString())) return;
  if (bytes.length < SHORTEST_SECRET) {
    throw new Error(`${label}: a secret in a test needs ${SHORTEST_SECRET} bytes or more; see makeSecret()`);
  }
  const base64 = bytes.toString('base64');
  if (recorded.has(base64) || !process.env[VARIABLE]) return;
  recorded.add(base64);
  appendFileSync(join(runFolder(), SECRETS_FILE), `${JSON.stringify({ label, base64 })}\n`, { mode: 0o600 });
}

/** Records the secrets that a service is configured with. */
export function recordEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of SECRET_VARIABLES) {
    const value = environment[name];
    if (value) recordSecret(name, value);
  }
  for (const name of URL_VARIABLES) recordPassword(name, environment[name]);
  const ring = environment['CREDENTIALS_KEYS'] ?? '';
  keyRings.add(ring);
  for (const { id, bytes } of keysOf(ring)) {
    recordSecret(`key "${id}" of CREDENTIALS_KEYS`, bytes);
    recordSecret(`text of key "${id}" of CREDENTIALS_KEYS`, bytes.toString('base64'));
  }
}

/** Records what a request carries: its token (the signature alone makes it one) and a provider's credentials. */
export function recordRequest(route: string, authorization: string | undefined, body: unknown): void {
  const signature = TOKEN.exec(authorization ?? '')?.[1];
  if (signature !== undefined) recordSecret('bearer token', signature);
  const { credentials } = (body ?? {}) as { credentials?: Readonly<Record<string, unknown>> };
  for (const [name, value] of Object.entries(credentials ?? {})) {
    if (typeof value === 'string' && value !== '') recordSecret(`${name} of ${route}`, value);
  }
}

/** Every secret that the run has recorded so far, whichever process did. */
export function recordedSecrets(): Secret[] {
  const lines = readFileSync(join(runFolder(), SECRETS_FILE), 'utf8').trim().split('\n');
  const byValue = new Map(
    lines.map((line) => {
      const { label, base64 } = JSON.parse(line) as { label: string; base64: string };
      return [base64, { label, bytes: Buffer.from(base64, 'base64') }];
    }),
  );
  return [...byValue.values()];
}

/** Every key ring that this test file has recorded. */
export function recordedKeyRings(): readonly string[] {
  return [...keyRings];
}

/** The keys of a ring, malformed ones left out. */
export function keysOf(ring = ''): { id: string; bytes: Buffer }[] {
  return ring.split(',').flatMap((entry) => {
    const [id = '', base64 = ''] = entry.trim().split(/:(.*)/s);
    const bytes = Buffer.from(base64, 'base64');
    return bytes.length === 32 ? [{ id, bytes }] : [];
  });
}

function recordPassword(name: string, url: string | undefined): void {
  const password = url && URL.canParse(url) ? decodeURIComponent(new URL(url).password) : '';
  // A server that was lent may have a short password, which only chance could find.
  if (password.length >= SHORTEST_SECRET) recordSecret(`password of ${name}`, password);
}

/** Of the test file that runs; empty in the global setup. */
function testName(): string {
  const path = (globalThis as { expect?: jest.Expect }).expect?.getState().testPath;
  return path === undefined ? '' : basename(path);
}

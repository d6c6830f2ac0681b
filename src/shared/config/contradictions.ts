import { hasGuessablePassword, isGuessable, isGuessableKey, isPlaceholder } from './weak-secrets';

type Given = Readonly<Record<string, string | undefined>>;
type Test = (value: string) => boolean;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;
const STRIPE_KEY = /^(sk|rk)_\w+$/;
const STRIPE_SIGNING_SECRET = /^whsec_\w+$/;

/** Secrets that the operator makes, or that hold more than themselves. Those of vendors can only be placeholders. */
const WEAKNESS: Readonly<Record<string, Test>> = {
  DATABASE_URL: hasGuessablePassword,
  DATABASE_DIRECT_URL: hasGuessablePassword,
  SUPABASE_JWT_SECRET: isGuessable,
  CREDENTIALS_KEYS: (ring) => entries(ring).map(keyBytes).some(isGuessableKey),
};

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/**
 * What is wrong between variables, each of which may be fine alone. Names variables, never values.
 * @param secretNames the variables that must not be guessable in production
 */
export function contradictions(given: Given, isLocal: boolean, secretNames: readonly string[]): string[] {
  const inProduction = given['NODE_ENV'] === 'production';
  return [
    ...missing(given, inProduction),
    ...halfGiven(given),
    ...unsafe(given, isLocal),
    ...(inProduction ? [...weak(given, secretNames), ...wrongForStripe(given)] : []),
  ];
}

/** In production nobody guesses where vendors reach the service. */
function missing(given: Given, inProduction: boolean): string[] {
  return ['DATABASE_URL', 'CREDENTIALS_KEYS', ...(inProduction ? ['PUBLIC_URL'] : [])]
    .filter((name) => !given[name])
    .map((name) => `${name}: is required${name === 'PUBLIC_URL' ? ' in production' : ''}`);
}

function halfGiven(given: Given): string[] {
  const problems: string[] = [];
  if (!given['SUPABASE_URL'] === !given['SUPABASE_JWT_SECRET']) {
    problems.push('SUPABASE_URL, SUPABASE_JWT_SECRET: exactly one of the two is required');
  }
  if (!given['STRIPE_SECRET_KEY'] !== !given['STRIPE_WEBHOOK_SECRET']) {
    problems.push('STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET: both or neither of the two are required');
  }
  return problems;
}

function unsafe(given: Given, isLocal: boolean): string[] {
  const problems: string[] = [];
  if (isLocal && given['HOST'] && !isLoopback(given['HOST'])) {
    problems.push('HOST: must be a loopback address in local mode, whose secrets are generated for one machine');
  }
  if (given['NODE_ENV'] === 'production' && given['LOCAL_PAYMENTS'] === 'true') {
    problems.push('LOCAL_PAYMENTS: must not be true in production, where nobody gets a plan without paying');
  }
  return problems;
}

function weak(given: Given, secretNames: readonly string[]): string[] {
  return secretNames
    .filter((name) => given[name] && (WEAKNESS[name] ?? hasPlaceholder)(given[name]))
    .map((name) => `${name}: is an example or easily guessed, and must be replaced in production`);
}

/** A publishable key in the place of the secret one would fail at the first purchase only. */
function wrongForStripe(given: Given): string[] {
  const { STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: signing } = given;
  const problems: string[] = [];
  if (key && !STRIPE_KEY.test(key)) problems.push('STRIPE_SECRET_KEY: must begin with sk_ or rk_');
  if (signing && !entries(signing).every((one) => STRIPE_SIGNING_SECRET.test(one))) {
    problems.push('STRIPE_WEBHOOK_SECRET: must begin with whsec_');
  }
  return problems;
}

const hasPlaceholder: Test = (value) => entries(value).some(isPlaceholder);

function entries(list: string): string[] {
  return list.split(',').map((entry) => entry.trim());
}

function keyBytes(entry: string): Uint8Array {
  const base64 = entry.slice(entry.indexOf(':') + 1);
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

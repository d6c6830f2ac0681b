type Given = Readonly<Record<string, string | undefined>>;

/** Supabase's own example, which everybody knows. */
const PUBLIC_SECRET = 'super-secret-jwt-token-with-at-least-32-characters-long';
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** What is wrong between variables, each of which may be fine alone. Names variables, never values. */
export function contradictions(given: Given, isLocal: boolean): string[] {
  return [...missing(given), ...halfGiven(given), ...unsafe(given, isLocal)];
}

function missing(given: Given): string[] {
  return ['DATABASE_URL', 'CREDENTIALS_KEYS'].filter((name) => !given[name]).map((name) => `${name}: is required`);
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
  if (given['NODE_ENV'] === 'production' && given['SUPABASE_JWT_SECRET'] === PUBLIC_SECRET) {
    problems.push('SUPABASE_JWT_SECRET: is the published example and must be replaced in production');
  }
  if (given['NODE_ENV'] === 'production' && given['LOCAL_PAYMENTS'] === 'true') {
    problems.push('LOCAL_PAYMENTS: must not be true in production, where nobody gets a plan without paying');
  }
  return problems;
}

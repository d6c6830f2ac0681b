import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidSettings, isLocalMode, readSettings, SECRET_VARIABLES, variables, withSecretFiles } from './settings';

const valid = {
  DATABASE_URL: 'postgresql://ringonce@127.0.0.1/ringonce',
  SUPABASE_JWT_SECRET: 'a'.repeat(32),
  CREDENTIALS_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
};

/** What production takes beyond that: where vendors reach it, and secrets that nobody can guess. */
const production = {
  NODE_ENV: 'production',
  DATABASE_URL: `postgresql://ringonce:${randomBytes(16).toString('hex')}@db.example.com/ringonce`,
  SUPABASE_JWT_SECRET: randomBytes(32).toString('hex'),
  CREDENTIALS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  PUBLIC_URL: 'https://calls.example.com',
};

function problemsOf(environment: NodeJS.ProcessEnv, isLocal?: boolean): readonly string[] {
  try {
    readSettings(environment, isLocal);
    return [];
  } catch (error) {
    if (error instanceof InvalidSettings) return error.problems;
    throw error;
  }
}

describe('readSettings', () => {
  it('fills in every default', () => {
    const settings = readSettings(valid);
    expect(settings).toMatchObject({
      isLocalMode: false,
      logLevel: 'info',
      database: { url: valid.DATABASE_URL, directUrl: valid.DATABASE_URL },
      http: {
        host: '127.0.0.1',
        port: 3000,
        publicUrl: 'http://127.0.0.1:3000',
        rateLimits: { perMinute: 600, ofBuckets: { billing: 20 } },
      },
      tokens: { kind: 'secret', secret: valid.SUPABASE_JWT_SECRET },
      dispatch: { batchSize: 10, intervalMs: 1_000, unknownPlacementPolicy: 'fail', defaultMaxCallSeconds: 600 },
    });
  });

  it('reports malformed, missing and conflicting variables together, by name', () => {
    const problems = problemsOf({
      PORT: 'eighty',
      LOG_LEVEL: 'loud',
      BREAKER_FAILURES: '0',
      STRIPE_SECRET_KEY: 'sk_test_very_secret',
      SUPABASE_URL: 'https://project.supabase.co',
      SUPABASE_JWT_SECRET: 'too short',
    });
    for (const name of [
      'PORT',
      'LOG_LEVEL',
      'BREAKER_FAILURES',
      'DATABASE_URL',
      'CREDENTIALS_KEYS',
      'STRIPE_WEBHOOK_SECRET',
    ]) {
      expect(problems.join('\n')).toContain(name);
    }
    expect(problems).toContain('SUPABASE_URL, SUPABASE_JWT_SECRET: exactly one of the two is required');
    expect(problems).toContain('SUPABASE_JWT_SECRET: must have at least 32 characters');
  });

  it('never shows a value', () => {
    const secrets = {
      SUPABASE_JWT_SECRET: 'hunter2',
      CREDENTIALS_KEYS: 'k1:hunter2',
      DATABASE_URL: 'mysql://root:hunter2@db/x',
    };
    expect(problemsOf({ ...secrets, STRIPE_SECRET_KEY: 'hunter2', LOG_LEVEL: 'hunter2' }).join('\n')).not.toContain(
      'hunter2',
    );
  });

  it('takes an empty variable for an unset one', () => {
    expect(readSettings({ ...valid, PORT: '', VAPI_API_KEY: '' })).toMatchObject({
      http: { port: 3000 },
      providers: { initialProviders: [] },
    });
  });

  it.each([
    ['neither way to verify tokens', { SUPABASE_JWT_SECRET: '' }, 'SUPABASE_URL'],
    ['half of Stripe', { STRIPE_WEBHOOK_SECRET: 'whsec_1' }, 'STRIPE_SECRET_KEY'],
    ['a key of the wrong length', { CREDENTIALS_KEYS: 'k1:c2hvcnQ=' }, 'CREDENTIALS_KEYS'],
    [
      'one key id twice',
      { CREDENTIALS_KEYS: `${valid.CREDENTIALS_KEYS},${valid.CREDENTIALS_KEYS}` },
      'CREDENTIALS_KEYS',
    ],
    ['a port beyond the last', { PORT: '65536' }, 'PORT'],
    ['a negative time', { PLACE_TIMEOUT_MS: '-1' }, 'PLACE_TIMEOUT_MS'],
    ['an unknown policy', { UNKNOWN_PLACEMENT_POLICY: 'hope' }, 'UNKNOWN_PLACEMENT_POLICY'],
    ['a public URL that is none', { PUBLIC_URL: 'ftp://example.com' }, 'PUBLIC_URL'],
  ])('refuses %s', (_, change, name) => {
    const problems = problemsOf({ ...valid, ...change });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
  });

  it.each(['0.0.0.0', '192.168.1.4', '::', 'example.com'])('refuses to listen on %s in local mode', (host) => {
    expect(problemsOf({ ...valid, HOST: host }, true)).toEqual([expect.stringContaining('HOST')]);
    expect(problemsOf({ ...valid, HOST: host }, false)).toEqual([]);
  });

  it.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('listens on %s in local mode', (host) => {
    expect(problemsOf({ ...valid, HOST: host }, true)).toEqual([]);
  });

  it('puts an IPv6 host into brackets', () => {
    expect(readSettings({ ...valid, HOST: '::1', PORT: '80' }).http.publicUrl).toBe('http://[::1]:80');
  });
});

describe('who takes the money', () => {
  const stripe = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' };
  const kindOf = (environment: NodeJS.ProcessEnv, isLocal?: boolean): string =>
    readSettings({ ...valid, ...environment }, isLocal).billing.payments.kind;

  it('is Stripe wherever it is configured', () => {
    for (const surroundings of [production, { NODE_ENV: 'development' }, {}]) {
      expect(kindOf({ ...stripe, ...surroundings })).toBe('stripe');
    }
    expect(kindOf(stripe, true)).toBe('stripe');
  });

  it('is a page of ours without Stripe, and nobody in production, whatever else is set', () => {
    expect([kindOf({}, true), kindOf({ NODE_ENV: 'test' }, true)]).toEqual(['local', 'local']);
    const none = { ...production, STRIPE_SECRET_KEY: '', STRIPE_API_BASE_URL: 'http://127.0.0.1:9' };
    expect([kindOf(none), kindOf(none, true)]).toEqual(['none', 'none']);
  });

  it.each([
    ['a public address', { PUBLIC_URL: 'https://calls.example.com' }, true],
    ['a public address of IPv6', { PUBLIC_URL: 'http://[2001:db8::1]:3000' }, true],
    ['a public host', { HOST: '0.0.0.0' }, false],
    ['another host and a loopback address', { HOST: '0.0.0.0', PUBLIC_URL: 'http://127.0.0.1:3000' }, false],
  ])('is a page of ours with %s only when that was chosen', (_, environment, isLocal) => {
    expect(kindOf(environment, isLocal)).toBe('none');
    expect(kindOf({ ...environment, LOCAL_PAYMENTS: 'false' }, isLocal)).toBe('none');
    expect(kindOf({ ...environment, LOCAL_PAYMENTS: 'true' }, isLocal)).toBe('local');
    expect(kindOf({ ...environment, ...stripe, LOCAL_PAYMENTS: 'true' }, isLocal)).toBe('stripe');
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:3000'])(
    'is a page of ours at %s, whosever database it is, unless that was declined',
    (PUBLIC_URL) => {
      for (const isLocal of [true, false]) {
        expect(kindOf({ PUBLIC_URL }, isLocal)).toBe('local');
        expect(kindOf({ PUBLIC_URL, LOCAL_PAYMENTS: 'false' }, isLocal)).toBe('none');
      }
    },
  );

  it('cannot be a page of ours in production', () => {
    expect(problemsOf({ ...production, LOCAL_PAYMENTS: 'true' })).toEqual([expect.stringContaining('LOCAL_PAYMENTS')]);
    expect(problemsOf({ ...production, LOCAL_PAYMENTS: 'false' })).toEqual([]);
    expect(problemsOf({ ...valid, LOCAL_PAYMENTS: 'maybe' })).toEqual(['LOCAL_PAYMENTS: must be true or false']);
  });
});

describe('in production', () => {
  it('starts with what is needed and nothing more', () => {
    expect(problemsOf(production)).toEqual([]);
  });

  it.each(['DATABASE_URL', 'CREDENTIALS_KEYS', 'PUBLIC_URL', 'SUPABASE_JWT_SECRET'])(
    'refuses to go without %s',
    (name) => {
      expect(problemsOf({ ...production, [name]: '' })).toEqual([expect.stringContaining(name)]);
    },
  );

  it.each([
    ['DATABASE_URL', 'postgresql://ringonce:secret@db.example.com:6543/postgres'],
    ['DATABASE_DIRECT_URL', 'postgresql://postgres:[YOUR-PASSWORD]@db.example.com:5432/postgres'],
    ['SUPABASE_JWT_SECRET', 'super-secret-jwt-token-with-at-least-32-characters-long'],
    ['SUPABASE_JWT_SECRET', 'x'.repeat(64)],
    ['CREDENTIALS_KEYS', `k1:${Buffer.alloc(32).toString('base64')}`],
    ['CREDENTIALS_KEYS', `${production.CREDENTIALS_KEYS},old:${Buffer.alloc(32, 7).toString('base64')}`],
    ['VAPI_API_KEY', 'your-key'],
    ['RETELL_API_KEY', 'changeme'],
  ])('refuses a weak %s, and does not show it', (name, value) => {
    const problems = problemsOf({ ...production, [name]: value });
    expect(problems).toEqual([`${name}: is an example or easily guessed, and must be replaced in production`]);
  });

  it.each([
    ['STRIPE_SECRET_KEY', { STRIPE_SECRET_KEY: 'pk_live_1a2b3c', STRIPE_WEBHOOK_SECRET: 'whsec_1a2b3c' }],
    ['STRIPE_WEBHOOK_SECRET', { STRIPE_SECRET_KEY: 'rk_live_1a2b3c', STRIPE_WEBHOOK_SECRET: 'whsec_1a2b3c,1a2b3c' }],
  ])('refuses what is no %s', (name, stripe) => {
    expect(problemsOf({ ...production, ...stripe })).toEqual([expect.stringContaining(name)]);
  });

  it('finds the same secrets good enough to try the service out', () => {
    expect(problemsOf(valid)).toEqual([]);
  });
});

describe('secrets in files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringonce-settings-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function inFiles(secrets: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    const files = Object.entries(secrets).map(([name, value]) => {
      writeFileSync(join(folder, name), `${value}\n`);
      return [`${name}_FILE`, join(folder, name)];
    });
    return Object.fromEntries(files) as NodeJS.ProcessEnv;
  }

  it('are every secret that there is', () => {
    const secrets = Object.keys(variables.shape).filter((name) => /_URL$|_KEYS?$|_SECRET$/.test(name));
    const addresses = ['PUBLIC_URL', 'SUPABASE_URL', 'STRIPE_API_BASE_URL', 'VAPI_BASE_URL', 'RETELL_BASE_URL'];
    expect([...SECRET_VARIABLES].sort()).toEqual(secrets.filter((name) => !addresses.includes(name)).sort());
  });

  it('are read as if they were given', () => {
    const { DATABASE_URL, SUPABASE_JWT_SECRET, CREDENTIALS_KEYS, ...rest } = production;
    const files = inFiles({ DATABASE_URL, SUPABASE_JWT_SECRET, CREDENTIALS_KEYS });
    expect(readSettings({ ...rest, ...files })).toEqual(readSettings(production));
    expect(isLocalMode(files)).toBe(false);
    expect(withSecretFiles({ ...rest, ...files })).toEqual(production);
  });

  it('that cannot be read are told once each, together with everything else', () => {
    const given = { ...production, CREDENTIALS_KEYS: '', CREDENTIALS_KEYS_FILE: join(folder, 'missing'), PORT: 'x' };
    const problems = problemsOf({ ...given, DATABASE_URL_FILE: join(folder, 'missing') });
    expect(problems).toEqual([
      'DATABASE_URL, DATABASE_URL_FILE: only one of the two may be set',
      'CREDENTIALS_KEYS_FILE: cannot be read (ENOENT)',
      'PORT: must be a whole number',
    ]);
    expect(problems.join()).not.toContain(folder);
    expect(problemsOf(withSecretFiles({ ...given, PORT: '' }))).toEqual([
      'CREDENTIALS_KEYS_FILE: cannot be read (ENOENT)',
    ]);
  });
});

describe('isLocalMode', () => {
  it('means no database is configured and it is not production', () => {
    expect(isLocalMode({})).toBe(true);
    expect(isLocalMode({ DATABASE_URL: '' })).toBe(true);
    expect(isLocalMode({ DATABASE_URL: valid.DATABASE_URL })).toBe(false);
    expect(isLocalMode({ NODE_ENV: 'production' })).toBe(false);
  });
});

describe('.env.example', () => {
  const pairs = readFileSync('.env.example', 'utf8').matchAll(/^#?([A-Z][A-Z_]+)=(.*)$/gm);
  const documented = new Map([...pairs].map(([, name = '', value = '']) => [name, value]));

  it('documents exactly the variables that the service reads, beside those of OpenTelemetry', () => {
    const own = [...documented.keys()].filter((name) => !name.startsWith('OTEL_'));
    expect(own.sort()).toEqual(Object.keys(variables.shape).sort());
  });

  it('shows the true defaults', () => {
    const { NODE_ENV: _, ...defaults } = variables.parse({});
    const shown = Object.entries(defaults).filter(([, value]) => value !== undefined);
    for (const [name, value] of shown)
      expect([name, documented.get(name)]).toEqual([name, JSON.stringify(value).replaceAll('"', '')]);
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { SupabaseTokenVerifier } from '../../src/modules/users/adapters/jose/supabase-token-verifier';
import { ProbeModule } from '../support/probe.module';
import { JWT_SECRET, type Service, startService } from '../support/service';

const NOBODY = '00000000-0000-4000-8000-000000000000';

/** A token by hand; undefined takes a claim away. */
interface Forgery {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly secret?: string;
  readonly algorithm?: string;
}

let service: Service;
let userId: string;

beforeAll(async () => {
  service = await startService({ additions: [ProbeModule] });
  userId = await service.database.createUser();
});
afterAll(() => service.stop());

const soon = (): number => Math.floor(Date.now() / 1000) + 3600;

function forge({ claims, secret = JWT_SECRET, algorithm = 'HS256' }: Forgery): Promise<string> {
  const payload: JWTPayload = { sub: userId, role: 'authenticated', aud: 'authenticated', exp: soon(), ...claims };
  const present = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined));
  return new SignJWT(present).setProtectedHeader({ alg: algorithm }).sign(new TextEncoder().encode(secret));
}

function unsigned(): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'none' })}.${encode({ sub: userId, role: 'authenticated', aud: 'authenticated', exp: soon() })}.`;
}

const as = (authorization: string | undefined, path = '/v1/probe/user', headers: Record<string, string> = {}) =>
  service.request('GET', path, { headers: { ...headers, ...(authorization !== undefined && { authorization }) } });

describe('a token that does not hold', () => {
  it.each<[string, () => Promise<string | undefined> | string | undefined]>([
    ['is missing', () => undefined],
    ['is empty', () => 'Bearer '],
    ['is garbage', () => 'Bearer garbage'],
    ['comes under another scheme', async () => `Basic ${await forge({})}`],
    ['has no signature', () => `Bearer ${unsigned()}`],
    [
      'is signed with another secret',
      async () => `Bearer ${await forge({ secret: 'some other secret of a decent length' })}`,
    ],
    ['is signed with another algorithm', async () => `Bearer ${await forge({ algorithm: 'HS512' })}`],
    ['has expired', async () => `Bearer ${await forge({ claims: { exp: soon() - 7200 } })}`],
    ['is not valid yet', async () => `Bearer ${await forge({ claims: { nbf: soon() } })}`],
    ['never expires', async () => `Bearer ${await forge({ claims: { exp: undefined } })}`],
    ['is for another audience', async () => `Bearer ${await forge({ claims: { aud: 'anon' } })}`],
    ['is for no audience', async () => `Bearer ${await forge({ claims: { aud: undefined } })}`],
    ['names no subject', async () => `Bearer ${await forge({ claims: { sub: undefined } })}`],
    ['names a subject that is no user id', async () => `Bearer ${await forge({ claims: { sub: 'ada' } })}`],
    ['names no role', async () => `Bearer ${await forge({ claims: { role: undefined } })}`],
    ['is of role anon', async () => `Bearer ${await forge({ claims: { role: 'anon' } })}`],
    ['is of an unknown role', async () => `Bearer ${await forge({ claims: { role: 'postgres' } })}`],
  ])('%s: 401', async (_, make) => {
    const answer = await as(await make());
    expect(answer).toMatchObject({ status: 401, body: { code: 'auth.unauthenticated' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });
});

describe('a user', () => {
  it('is taken from the token', async () => {
    const token = await forge({ claims: { email: 'ada@example.test' } });
    expect(await as(`Bearer ${token}`)).toMatchObject({
      status: 200,
      body: { sub: userId, email: 'ada@example.test' },
    });
    expect(await as(`bearer ${token}`)).toMatchObject({ status: 200 });
  });

  it('is the same in either spelling of the id', async () => {
    const token = await forge({ claims: { sub: userId.toUpperCase() } });
    expect((await as(`Bearer ${token}`)).body.sub).toBe(userId);
  });

  it('may be 5 seconds ahead of or behind the service', async () => {
    const token = await forge({ claims: { exp: Math.floor(Date.now() / 1000) - 2 } });
    expect((await as(`Bearer ${token}`)).status).toBe(200);
  });

  it('may not use what is for administrators', async () => {
    for (const claims of [
      {},
      { user_metadata: { role: 'admin' } },
      { app_metadata: { role: 'user' } },
      { app_metadata: 'admin' },
    ]) {
      const answer = await as(`Bearer ${await forge({ claims })}`, '/v1/probe/admin');
      expect(answer).toMatchObject({ status: 403, body: { code: 'auth.forbidden' } });
    }
  });

  it('may not act for another one', async () => {
    const token = await forge({ claims: { app_metadata: { role: 'admin' } } });
    const answer = await as(`Bearer ${token}`, '/v1/probe/user', { 'x-on-behalf-of': NOBODY });
    expect(answer).toMatchObject({ status: 403, body: { code: 'auth.forbidden' } });
    expect((await as(`Bearer ${token}`, '/v1/probe/user', { 'x-on-behalf-of': userId })).status).toBe(200);
  });
});

describe('an administrator', () => {
  it('is a user with the right', async () => {
    const authorization = `Bearer ${await forge({ claims: { app_metadata: { role: 'admin' } } })}`;
    expect((await as(authorization)).body.sub).toBe(userId);
    expect((await as(authorization, '/v1/probe/admin')).body).toEqual({
      kind: 'user',
      user: { sub: userId },
      isAdmin: true,
    });
  });
});

describe('an internal service', () => {
  let authorization: string;
  beforeAll(async () => {
    authorization = `Bearer ${await forge({ claims: { role: 'service_role', sub: 'billing-bot' } })}`;
  });

  it('names the user it acts for', async () => {
    expect((await as(authorization, '/v1/probe/user', { 'x-on-behalf-of': userId })).body).toEqual({ sub: userId });
    expect((await as(authorization, '/v1/me', { 'x-on-behalf-of': userId.toUpperCase() })).body.id).toBe(userId);
  });

  it.each([
    ['without a user', undefined, 400, 'auth.subject_required'],
    ['with an empty user', '', 400, 'auth.subject_required'],
    ['for what is no UUID', 'ada', 400, 'auth.subject_invalid'],
    ['for nobody', NOBODY, 404, 'users.not_found'],
  ])('is refused %s', async (_, subject, status, code) => {
    const answer = await as(
      authorization,
      '/v1/probe/user',
      subject === undefined ? {} : { 'x-on-behalf-of': subject },
    );
    expect(answer).toMatchObject({ status, body: { code } });
  });

  it('may use what is for administrators, for itself', async () => {
    expect((await as(authorization, '/v1/probe/admin')).body).toEqual({ kind: 'service', isAdmin: true });
  });
});

describe('a public route', () => {
  it('minds no token', async () => {
    expect((await as(undefined, '/v1/probe/public')).status).toBe(200);
    expect((await as('Bearer garbage', '/v1/probe/public')).status).toBe(200);
  });
});

describe('published keys', () => {
  let keys: JWK[] = [];
  let isBroken = false;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const isFound = request.url === '/auth/v1/.well-known/jwks.json' && !isBroken;
      response.writeHead(isFound ? 200 : 500, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterAll(() => server.close());

  async function publish(kid: string, algorithm = 'ES256') {
    const pair = await generateKeyPair(algorithm, { extractable: true });
    keys = [{ ...(await exportJWK(pair.publicKey)), kid, alg: algorithm, use: 'sig' }];
    return (claims: JWTPayload = {}) =>
      new SignJWT({ role: 'authenticated', ...claims })
        .setProtectedHeader({ alg: algorithm, kid })
        .setSubject(userId)
        .setAudience('authenticated')
        .setIssuer(claims.iss ?? `${url}/auth/v1`)
        .setExpirationTime('1h')
        .sign(pair.privateKey);
  }

  it.each(['ES256', 'RS256'])('verify %s', async (algorithm) => {
    const sign = await publish('first', algorithm);
    expect(await SupabaseTokenVerifier.withPublishedKeys(url).verify(await sign())).toMatchObject({ subject: userId });
  });

  it.each(['PS256', 'EdDSA'])('do not verify %s', async (algorithm) => {
    const sign = await publish('first', algorithm);
    expect(await SupabaseTokenVerifier.withPublishedKeys(url).verify(await sign())).toBeUndefined();
  });

  it('refuse another issuer, an unknown key and a shared secret', async () => {
    const sign = await publish('first');
    const verifier = SupabaseTokenVerifier.withPublishedKeys(url);
    expect(await verifier.verify(await sign({ iss: 'https://elsewhere.example/auth/v1' }))).toBeUndefined();
    expect(await verifier.verify(await forge({ claims: { iss: `${url}/auth/v1` } }))).toBeUndefined();
    const forged = await publish('other');
    keys = [];
    expect(await verifier.verify(await forged())).toBeUndefined();
  });

  it('rotate', async () => {
    const verifier = SupabaseTokenVerifier.withPublishedKeys(url, 0);
    const before = await publish('first');
    expect(await verifier.verify(await before())).toBeDefined();
    const after = await publish('second');
    expect(await verifier.verify(await after())).toBeDefined();
    expect(await verifier.verify(await before())).toBeUndefined();
  });

  it('make the service answer 503 while they cannot be fetched, and 200 once they can', async () => {
    const sign = await publish('first');
    const guarded = await startService({
      environment: { SUPABASE_URL: url },
      additions: [ProbeModule],
      database: service.database,
    });
    const options = { token: await sign() };
    isBroken = true;
    const refused = await guarded.request('GET', '/v1/probe/user', options);
    isBroken = false;
    expect(refused).toMatchObject({ status: 503, body: { code: 'auth.keys_unavailable' } });
    expect(refused.headers.has('retry-after')).toBe(true);
    expect((await guarded.request('GET', '/v1/probe/user', options)).status).toBe(200);
    await guarded.stop();
  });

  it('that nobody serves are no verdict on a token', async () => {
    const sign = await publish('first');
    await expect(
      SupabaseTokenVerifier.withPublishedKeys('http://127.0.0.1:1').verify(await sign()),
    ).rejects.toMatchObject({
      code: 'auth.keys_unavailable',
    });
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, importPKCS8, importSPKI, type JWTPayload, SignJWT } from 'jose';
import { CallsWorld, type TestUser } from '../support/calls-world';
import { rowsOf } from '../support/database-rows';
import { DescribedApi, type DescribedAccess, type Operation, pathOf } from '../support/described-api';
import { type Answer, JWT_SECRET, type Service, startService } from '../support/service';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const OTHER_SECRET = 'some other secret of a decent length';

/** Beside the API: its own description, and the payment pages that only stand in for Stripe's. */
const PAGES_FOR_PEOPLE = / (\/|\*|\/docs.*|\/openapi\.json|\/v1\/payments\/local\/(checkouts|portals)\/\{id\})$/;

const api = new DescribedApi();
const operations = api.operations();
const guarded = operations.filter(({ access }) => access !== 'public');

let service: Service;
let world: CallsWorld;
let user: TestUser;
let other: TestUser;

beforeAll(async () => {
  service = await startService();
  world = new CallsWorld(service);
  await world.pauseDispatch();
  [user, other] = [await world.subscribedUser(), await world.subscribedUser()];
});
afterAll(() => service.stop());

/** What a caller hears; 'in' is whatever the route itself has to say. */
type Verdict =
  | 'in'
  | '401 auth.unauthenticated'
  | '403 auth.forbidden'
  | '400 auth.subject_required'
  | '400 auth.subject_invalid'
  | '404 users.not_found';

const UNKNOWN: Readonly<Record<DescribedAccess, Verdict>> = {
  public: 'in',
  user: '401 auth.unauthenticated',
  admin: '401 auth.unauthenticated',
};
const USER: Readonly<Record<DescribedAccess, Verdict>> = { public: 'in', user: 'in', admin: '403 auth.forbidden' };
const ANYBODY: Readonly<Record<DescribedAccess, Verdict>> = { public: 'in', user: 'in', admin: 'in' };
const same = (verdict: Verdict): Readonly<Record<DescribedAccess, Verdict>> => ({
  public: 'in',
  user: verdict,
  admin: verdict,
});

/** Signs what the caller claims to be, as this installation expects it unless the caller does otherwise. */
interface Installation {
  readonly issuer: string | undefined;
  sign(claims: JWTPayload, header?: Readonly<Record<string, unknown>>): Promise<string>;
  /** With a key that is not the installation's. */
  forge(claims: JWTPayload): Promise<string>;
  /** With what is no secret there: the other installation's way. */
  confuse(claims: JWTPayload): Promise<string>;
}

interface Caller {
  readonly name: string;
  readonly verdicts: Readonly<Record<DescribedAccess, Verdict>>;
  headers(installation: Installation): Promise<Record<string, string>> | Record<string, string>;
}

const now = (): number => Math.floor(Date.now() / 1_000);
const claimsOf = (changes: Record<string, unknown> = {}): JWTPayload => {
  const usual = { sub: user.id, role: 'authenticated', aud: 'authenticated', exp: now() + 3_600 };
  const claims: Record<string, unknown> = { ...usual, ...changes };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
};
const bearer = (token: string, onBehalfOf?: string): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  ...(onBehalfOf !== undefined && { 'x-on-behalf-of': onBehalfOf }),
});
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (alg: string): string =>
  `${encode({ alg, typ: 'JWT' })}.${encode({ ...claimsOf({ app_metadata: { role: 'admin' } }) })}.`;
const ADMIN = { app_metadata: { role: 'admin' } };
const SERVICE = { role: 'service_role', sub: 'another-service' };

/** A token that would open everything but for one fault. */
const faulty = (name: string, changes: Record<string, unknown>): Caller => ({
  name,
  verdicts: UNKNOWN,
  headers: async (installation) => bearer(await installation.sign(claimsOf({ ...ADMIN, ...changes }))),
});
const plain = (name: string, verdicts: Caller['verdicts'], authorization?: () => string): Caller => ({
  name,
  verdicts,
  headers: () => (authorization ? { authorization: authorization() } : {}),
});
const holder = (
  name: string,
  verdicts: Caller['verdicts'],
  claims: Record<string, unknown>,
  onBehalfOf?: () => string,
): Caller => ({
  name,
  verdicts,
  headers: async (installation) => bearer(await installation.sign(claimsOf(claims)), onBehalfOf?.()),
});

const CALLERS: readonly Caller[] = [
  plain('no token', UNKNOWN),
  plain('an empty token', UNKNOWN, () => 'Bearer '),
  plain('garbage', UNKNOWN, () => 'Bearer garbage'),
  plain('a token of three dots', UNKNOWN, () => 'Bearer ...'),
  plain('alg none', UNKNOWN, () => `Bearer ${unsigned('none')}`),
  plain('alg NoNe', UNKNOWN, () => `Bearer ${unsigned('NoNe')}`),
  plain('a signed alg without signature', UNKNOWN, () => `Bearer ${unsigned('HS256')}`),
  {
    name: 'another scheme',
    verdicts: UNKNOWN,
    headers: async ({ sign }) => ({ authorization: `Basic ${await sign(claimsOf(ADMIN))}` }),
  },
  {
    name: 'two tokens in one',
    verdicts: UNKNOWN,
    headers: async ({ sign }) => bearer(`${await sign(claimsOf(ADMIN))}, Bearer ${await sign(claimsOf(ADMIN))}`),
  },
  { name: 'a wrong key', verdicts: UNKNOWN, headers: async ({ forge }) => bearer(await forge(claimsOf(ADMIN))) },
  {
    name: 'the other kind of key',
    verdicts: UNKNOWN,
    headers: async ({ confuse }) => bearer(await confuse(claimsOf(ADMIN))),
  },
  {
    name: 'a wrong key that the token brings along',
    verdicts: UNKNOWN,
    headers: async ({ forge }) => {
      const [header = '', ...rest] = (await forge(claimsOf(ADMIN))).split('.');
      const named = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
      const key = { kty: 'oct', k: Buffer.from(OTHER_SECRET).toString('base64url') };
      return bearer(
        [encode({ ...named, jwk: key, jku: 'http://127.0.0.1:9/keys', kid: '../../dev/null' }), ...rest].join('.'),
      );
    },
  },
  {
    name: 'a changed payload',
    verdicts: UNKNOWN,
    headers: async ({ sign }) => {
      const [header = '', , signature = ''] = (await sign(claimsOf())).split('.');
      return bearer(`${header}.${encode({ ...claimsOf(ADMIN) })}.${signature}`);
    },
  },
  faulty('expired', { exp: 1_700_000_000 }),
  faulty('not yet valid', { nbf: 4_000_000_000, exp: 4_000_003_600 }),
  faulty('without end', { exp: undefined }),
  faulty('for another audience', { aud: 'anon' }),
  faulty('for no audience', { aud: undefined }),
  faulty('of no subject', { sub: undefined }),
  faulty('of a subject that is no user', { sub: `${NOBODY}' or true --` }),
  faulty('role anon', { role: 'anon' }),
  faulty('role postgres', { role: 'postgres' }),
  faulty('role of a list', { role: ['service_role'] }),
  faulty('no role', { role: undefined }),
  holder('a user', USER, {}),
  holder('a user who claims to be an administrator', USER, {
    user_metadata: { role: 'admin' },
    is_admin: true,
    app_metadata: { roles: ['admin'], role: 'Admin' },
  }),
  holder('a user who names themself', USER, {}, () => user.id),
  holder('a user who names another', same('403 auth.forbidden'), {}, () => other.id),
  holder('an administrator', ANYBODY, ADMIN),
  holder('an administrator who names another', same('403 auth.forbidden'), ADMIN, () => other.id),
  holder('a service', { ...ANYBODY, user: '400 auth.subject_required' }, SERVICE),
  holder('a service for a user', ANYBODY, SERVICE, () => user.id),
  holder('a service for two users', same('400 auth.subject_invalid'), SERVICE, () => `${user.id}, ${other.id}`),
  holder('a service for no UUID', same('400 auth.subject_invalid'), SERVICE, () => 'ada'),
  holder('a service for nobody', same('404 users.not_found'), SERVICE, () => NOBODY),
];
/** Only where the installation knows who issues its tokens. */
const STRANGE_ISSUER: Caller = faulty('a wrong issuer', { iss: 'https://elsewhere.example/auth/v1' });
const NO_ISSUER: Caller = faulty('no issuer', { iss: null });

/** By what the caller hears of its own admission, apart from what the route says. */
function verdictOf({ status, body }: Answer): string {
  const code = String(body?.code ?? '');
  return code.startsWith('auth.') || code === 'users.not_found' ? `${status} ${code}` : 'in';
}

async function ask(operation: Operation, headers: Record<string, string>, at: Service): Promise<Answer> {
  const { method, bodyExample } = operation;
  const isErasure = operation.path.endsWith('/data');
  const path = pathOf(operation, (name) => (name === 'userId' && !isErasure ? user.id : NOBODY));
  return at.request(method, path, { headers, ...(bodyExample !== undefined && { body: bodyExample }) });
}

type Cell = readonly [caller: string, route: string, verdict: string];

/** Asks every route of the kinds as every caller whose expected verdict is chosen. */
async function table(
  at: Service,
  installation: Installation,
  callers: readonly Caller[],
  isChosen: (verdict: Verdict) => boolean,
): Promise<{ expected: Cell[]; found: Cell[]; undocumented: string[] }> {
  const [expected, found, undocumented]: [Cell[], Cell[], string[]] = [[], [], []];
  for (const caller of callers) {
    const headers = await caller.headers(installation);
    for (const operation of operations.filter(({ access }) => isChosen(caller.verdicts[access]))) {
      const answer = await ask(operation, headers, at);
      expected.push([caller.name, operation.name, caller.verdicts[operation.access]]);
      found.push([caller.name, operation.name, verdictOf(answer)]);
      // A service may name a user to administrators' routes as well, which no single route describes.
      if (caller.verdicts.admin === '404 users.not_found') continue;
      if (!(String(answer.status) in operation.responses)) undocumented.push(`${operation.name}: ${answer.status}`);
    }
  }
  return { expected, found, undocumented };
}

describe('the document', () => {
  it('knows every route that there is', () => {
    const fastify = service.app.getHttpAdapter().getInstance();
    const described = operations.map(({ name }) => name).sort();
    const registered = registeredRoutes(fastify.printRoutes({ commonPrefix: false }));
    expect(registered.filter((name) => !PAGES_FOR_PEOPLE.test(name))).toEqual(described);
  });

  it('keeps administration apart from everything else', () => {
    for (const { name, access } of operations)
      expect([name, access === 'admin']).toEqual([name, name.includes('/v1/admin/')]);
  });
});

describe.each(['a shared secret', 'published keys'])('with %s', (kind) => {
  let at: Service;
  let installation: Installation;
  let stop: () => Promise<void> = async () => {};
  const callers = kind === 'published keys' ? [...CALLERS, STRANGE_ISSUER, NO_ISSUER] : CALLERS;

  beforeAll(async () => {
    if (kind === 'a shared secret') [at, installation] = [service, sharedSecret()];
    else ({ at, installation, stop } = await publishedKeys());
  });
  afterAll(() => stop());

  it('whoever may not use a route hears why, and nothing changes', async () => {
    const before = await rowsOf(service.database);
    const { expected, found, undocumented } = await table(at, installation, callers, (verdict) => verdict !== 'in');
    expect(found).toEqual(expected);
    expect(undocumented).toEqual([]);
    expect(await rowsOf(service.database)).toEqual(before);
  });

  it('whoever may use a route gets as far as the route', async () => {
    const { expected, found, undocumented } = await table(at, installation, callers, (verdict) => verdict === 'in');
    expect(found).toEqual(expected);
    expect(undocumented).toEqual([]);
  });

  it('every route was asked by every caller', () => {
    const cells = callers.flatMap(({ verdicts }) => operations.map(({ access }) => verdicts[access]));
    expect(cells).toHaveLength(callers.length * operations.length);
    expect(cells.filter((verdict) => (verdict as string | undefined) === undefined)).toEqual([]);
    expect(callers.length).toBeGreaterThanOrEqual(35);
    expect(operations.length).toBeGreaterThanOrEqual(53);
  });
});

describe('nobody', () => {
  it.each(guarded.map((operation) => [operation.name, operation] as const))(
    'hears the same of %s whatever is sent along, as far as it is JSON',
    async (_, operation) => {
      for (const id of [NOBODY, 'no-uuid', "' or true --"]) {
        const path = `${pathOf(operation, () => id)}?limit=-1&cursor=x&unknown=1`;
        const body = operation.bodySchema && { body: { unknown: true } };
        const answer = await service.request(operation.method, path, { ...body });
        expect([answer.status, answer.body.code]).toEqual([401, 'auth.unauthenticated']);
      }
    },
  );
});

/** A thing of the other user, by the beginning of the routes that name it. */
type Belongings = Readonly<Record<string, readonly string[]>>;

const byId = operations.filter(({ access, path }) => access === 'user' && path.includes('{'));

describe('another user’s id', () => {
  let belongings: Belongings;

  beforeAll(async () => {
    const provider = await world.provider();
    await other.request('PATCH', '/v1/me', { body: { firstName: 'Grace' } });
    const templateId = await world.template(other, { assistantId: provider.assistantId });
    const calls: string[] = [];
    for (const status of ['queued', 'in-progress', 'completed', 'failed', 'canceled']) {
      const id = await world.call(other, templateId);
      if (status === 'in-progress') await world.attempt(id, provider);
      else if (status !== 'queued') await world.setStatus(id, status, status === 'failed' ? 'busy' : null);
      calls.push(id);
    }
    const history = await world.database.query<{ id: string }>(
      `insert into user_call_history (user_id, call_queue_id, attempt_id, call_id, provider_id, assistant_id, phone_number_id,
         recipient_number, status)
       select call.user_id, call.id, attempt.id, 'vendor-call', attempt.provider_id, attempt.assistant_id,
              attempt.phone_number_id, call.recipient_number, 'in-progress'
         from call_attempts attempt join call_queue call on call.id = attempt.call_queue_id returning id`,
    );
    belongings = {
      '/v1/calls/': calls,
      '/v1/call-history/': history.map(({ id }) => id),
      '/v1/call-templates/': [templateId],
    };
  });

  const idsFor = ({ path }: Operation): readonly string[] =>
    Object.entries(belongings).find(([beginning]) => path.startsWith(beginning))?.[1] ?? [];

  it('is known to its owner', async () => {
    for (const operation of byId.filter(({ method }) => method === 'GET')) {
      expect(idsFor(operation).length).toBeGreaterThan(0);
      for (const id of idsFor(operation)) {
        expect(
          (
            await other.request(
              'GET',
              pathOf(operation, () => id),
            )
          ).body,
        ).toMatchObject({ id });
      }
    }
  });

  it.each(byId.map((operation) => [operation.name, operation] as const))(
    'answers %s like an id that does not exist',
    async (_, operation) => {
      const admin = await service.token({ userId: user.id, admin: true });
      const internal = { token: await service.token({ role: 'service_role' }), headers: { 'x-on-behalf-of': user.id } };
      const before = await rowsOf(service.database);
      const ids = idsFor(operation);
      expect(ids.length).toBeGreaterThan(0);
      for (const caller of [{ token: user.token }, { token: admin }, internal]) {
        for (const body of bodiesFor(operation)) {
          const seen = async (id: string) => {
            const path = pathOf(operation, () => id);
            return withoutRequest(await service.request(operation.method, path, { ...caller, ...body }));
          };
          const unknown = await seen(NOBODY);
          expect(unknown.status).toBe('unknown' in (body.body ?? {}) ? 400 : 404);
          for (const id of ids) expect(await seen(id)).toEqual(unknown);
        }
      }
      expect(await rowsOf(service.database)).toEqual(before);
    },
  );

  it.each(
    guarded
      .filter(({ access, path }) => access === 'admin' && path.includes('{'))
      .map(({ name, ...rest }) => [name, rest]),
  )('of a provider or the like answers %s to a user like one that does not exist', async (_, operation) => {
    const [row] = await service.database.query<{ id: string }>('select id from call_service_providers limit 1');
    const seen = async (id: string) => {
      const path = pathOf({ ...operation, name: '' }, () => id);
      return withoutRequest(await service.request(operation.method, path, { token: user.token }));
    };
    expect(await seen(row!.id)).toEqual(await seen(NOBODY));
  });

  it('in a body answers like an id that does not exist', async () => {
    const [templateId] = belongings['/v1/call-templates/']!;
    const bodies = (id: string): readonly (readonly [string, object])[] => [
      ['/v1/calls', { templateId: id, recipientNumber: '+12025550123' }],
      ['/v1/calls/batch', { templateId: id, calls: [{ recipientNumber: '+12025550123' }] }],
    ];
    const before = await rowsOf(service.database);
    for (const [index, [path, body]] of bodies(templateId!).entries()) {
      const seen = withoutRequest(await user.request('POST', path, { body }));
      const [, unknown] = bodies(NOBODY)[index]!;
      expect(seen.status).toBe(404);
      expect(seen).toEqual(withoutRequest(await user.request('POST', path, { body: unknown })));
    }
    expect(await rowsOf(service.database)).toEqual(before);
  });

  it('is in no list of anybody else, nor behind their cursor', async () => {
    const lists = operations.filter(
      ({ access, method, path }) => access === 'user' && method === 'GET' && !path.includes('{'),
    );
    const all = Object.values(belongings).flat();
    for (const { path, parameters } of lists) {
      const isPaged = parameters.some(({ name }) => name === 'cursor');
      const own = await other.request('GET', isPaged ? `${path}?limit=1` : path);
      const cursor = String(own.body?.nextCursor ?? '');
      const paths = [
        path,
        ...(cursor === '' || cursor === 'null' ? [] : [`${path}?cursor=${encodeURIComponent(cursor)}`]),
      ];
      for (const one of paths) {
        const text = JSON.stringify((await user.request('GET', one)).body);
        for (const id of [...all, other.id]) expect(text).not.toContain(id);
      }
    }
  });
});

/** What the route is asked with: its example, nothing and nonsense say the same of any id. */
function bodiesFor({ bodyExample }: Operation): readonly { readonly body?: object }[] {
  if (bodyExample === undefined) return [{}];
  return [{ body: bodyExample as object }, { body: { unknown: true } }];
}

/** All that an answer tells, but for what belongs to the one request. */
function withoutRequest({ status, headers, body }: Answer) {
  const { requestId: _, ...rest } = (body ?? {}) as Record<string, unknown>;
  const told = [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date');
  return { status, headers: Object.fromEntries(told), body: rest };
}

function sharedSecret(): Installation {
  const signWith =
    (secret: string) =>
    (claims: JWTPayload, header: object = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'HS256', ...header }).sign(new TextEncoder().encode(secret));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    issuer: undefined,
    sign: signWith(JWT_SECRET),
    forge: signWith(OTHER_SECRET),
    confuse: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(privateKey),
  };
}

/** A second instance on the same database, whose tokens a project signs with a published key. */
async function publishedKeys(): Promise<{ at: Service; installation: Installation; stop: () => Promise<void> }> {
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const published = {
    ...(await exportJWK(await importSPKI(pair.publicKey, 'ES256', { extractable: true }))),
    kid: 'one',
    alg: 'ES256',
    use: 'sig',
  };
  const server: Server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [published] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const at = await startService({ environment: { SUPABASE_URL: url }, database: service.database });
  const issuer = `${url}/auth/v1`;
  /** Null takes the issuer away. */
  const issued = ({ iss = issuer, ...claims }: JWTPayload): JWTPayload => ({ ...claims, ...(iss && { iss }) });
  const signWith = async (key: string, claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(await importPKCS8(key, 'ES256'));
  const another = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  return {
    at,
    installation: {
      issuer,
      sign: (claims) => signWith(pair.privateKey, issued(claims)),
      forge: (claims) => signWith(String(another), issued(claims)),
      // What is public serves as a shared secret where the algorithm is the token's choice.
      confuse: (claims) =>
        new SignJWT(issued(claims))
          .setProtectedHeader({ alg: 'HS256', kid: 'one' })
          .sign(new TextEncoder().encode(pair.publicKey)),
    },
    stop: async () => {
      await at.stop();
      server.close();
    },
  };
}

/** Reads Fastify's drawing of its routes: `METHOD /path`, sorted, parameters as in OpenAPI. */
function registeredRoutes(drawing: string): string[] {
  const above: string[] = [];
  const routes = drawing.split('\n').flatMap((line) => {
    const match = /^((?:[│ ] {3})*)[├└]── (\S*)(?: \(([A-Z, ]+)\))?/.exec(line);
    if (!match) return [];
    const [, indent = '', segment = '', methods = ''] = match;
    above.length = indent.length / 4;
    above.push(segment);
    const path = above.join('').replace(/:(\w+)/g, '{$1}');
    return methods
      .split(', ')
      .filter((method) => method !== '' && method !== 'HEAD' && method !== 'OPTIONS')
      .map((method) => `${method} ${path}`);
  });
  return [...new Set(routes)].sort();
}

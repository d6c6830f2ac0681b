import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SignJWT } from 'jose';
import { type ApplicationOptions, createApplication } from '../../src/application';
import { readSettings } from '../../src/settings';
import { RunLogger } from './run-logger';
import { recordEnvironment, recordRequest } from './run-record';
import { createTestDatabase, type TestDatabase } from './test-database';

export const JWT_SECRET = 'a secret that only the test suite knows about';

/** A ring of one key, another one in each run. */
export const CREDENTIALS_KEYS = `test:${randomBytes(32).toString('base64')}`;

export interface TokenRequest {
  readonly userId?: string;
  readonly email?: string;
  readonly admin?: boolean;
  /** `authenticated` by default. */
  readonly role?: string;
  /** `1h` by default. */
  readonly expiresIn?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; text when it is none; undefined when there is no body. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the assertions check what it holds
  readonly body: any;
}

export interface RequestOptions {
  readonly token?: string;
  /** An object is sent as JSON; text and bytes as they are, with whatever type `headers` say. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One running instance of the whole service. */
export interface Service {
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly database: TestDatabase;
  token(request: TokenRequest): Promise<string>;
  /** @param path with `/v1` where the route has it */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** Closes the instance, and drops the database unless it was given. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  /** Variables beside or instead of the ones that every test service has. */
  readonly environment?: NodeJS.ProcessEnv;
  /** A database to share with another instance; its giver drops it. */
  readonly database?: TestDatabase;
  /** Modules with routes that only a test needs. */
  readonly additions?: ApplicationOptions['additions'];
}

/** Boots the whole service on a free port, against a database of its own unless one is given. */
export async function startService(options: ServiceOptions = {}): Promise<Service> {
  const database = options.database ?? (await createTestDatabase());
  const app = await listen(database, options);
  const url = await app.getUrl();
  return {
    url,
    app,
    database,
    token: signToken,
    request: (method, path, request) => send(url + path, method, request),
    stop: async () => {
      await app.close();
      if (!options.database) await database.drop();
    },
  };
}

/** A token as Supabase would sign it for a legacy project. */
export function signToken({
  userId,
  email,
  admin,
  role = 'authenticated',
  expiresIn = '1h',
}: TokenRequest): Promise<string> {
  return new SignJWT({ role, ...(email && { email }), ...(admin && { app_metadata: { role: 'admin' } }) })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId ?? 'test-suite')
    .setAudience('authenticated')
    .setIssuedAt()
    .setExpirationTime(expiresIn)
    .sign(new TextEncoder().encode(JWT_SECRET));
}

/** The port must be known before the settings are read, since vendors are told the URL; another process may be quicker. */
async function listen(database: TestDatabase, options: ServiceOptions, triesLeft = 3): Promise<NestFastifyApplication> {
  const port = String(await freePort());
  const environment = {
    DATABASE_URL: database.url,
    HOST: '127.0.0.1',
    PORT: port,
    ...(options.environment?.['NODE_ENV'] === 'production' && { PUBLIC_URL: `http://127.0.0.1:${port}` }),
    SUPABASE_JWT_SECRET: options.environment?.['SUPABASE_URL'] ? '' : JWT_SECRET,
    CREDENTIALS_KEYS,
    RATE_LIMIT_PER_MINUTE: '100000',
    BILLING_RATE_LIMIT_PER_MINUTE: '100000',
    ...options.environment,
  };
  recordEnvironment(environment);
  const settings = readSettings(environment);
  const { additions } = options;
  const app = await createApplication(settings, { logger: new RunLogger(), ...(additions && { additions }) });
  try {
    await app.listen(settings.http.port, settings.http.host);
    return app;
  } catch (error) {
    await app.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || triesLeft <= 1) throw error;
    return listen(database, options, triesLeft - 1);
  }
}

/** A port that nobody listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** Sends one request and reads the whole answer. */
export async function send(
  url: string,
  method: string,
  { token, body, headers }: RequestOptions = {},
): Promise<Answer> {
  recordRequest(`${method} ${new URL(url).pathname}`, authorizationOf(token, headers), body);
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    headers: {
      ...(body !== undefined && !isRaw && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: isRaw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parse(text) };
}

function authorizationOf(token: string | undefined, headers: RequestOptions['headers']): string | undefined {
  return token ?? headers?.['authorization'];
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

import { Client, type QueryResultRow } from 'pg';

/** One session on the database, as scripts and migrations need it. Parameters are bound, never part of the text. */
export interface Session {
  /** Rows of one statement. Without parameters the text may hold several statements. */
  query<Row extends QueryResultRow = QueryResultRow>(
    statement: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
}

/** A session that its holder closes. */
export interface OpenSession extends Session {
  readonly client: Client;
  close(): Promise<void>;
  /** Ends it without a word to the server, which may not hear it. */
  abandon(): void;
}

/** For whom a session must not take longer than they have time. */
export interface SessionLimits {
  /** A statement without an answer by then has failed. Without it, a migration may take as long as it does. */
  readonly answerTimeoutMs?: number;
  /** Ends the session, even while it connects. */
  readonly signal?: AbortSignal;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** A server that has not heard the goodbye by then will not. */
const CLOSE_TIMEOUT_MS = 3_000;

/** Connects. The process must not die of a connection that breaks while nothing runs on it. */
export async function openSession(url: string, { answerTimeoutMs, signal }: SessionLimits = {}): Promise<OpenSession> {
  signal?.throwIfAborted();
  const client = new Client({
    connectionString: url,
    application_name: 'ringonce',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    ...(answerTimeoutMs !== undefined && { query_timeout: answerTimeoutMs }),
  });
  const abandon = () => void client.connection.stream.destroy();
  client.on('error', () => undefined);
  client.once('end', () => signal?.removeEventListener('abort', abandon));
  signal?.addEventListener('abort', abandon);
  await client.connect();
  return {
    client,
    query: async <Row extends QueryResultRow>(statement: string, parameters?: readonly unknown[]) =>
      (await client.query<Row>(statement, parameters ? [...parameters] : undefined)).rows,
    close: async () => {
      const timer = setTimeout(abandon, CLOSE_TIMEOUT_MS);
      await client.end().finally(() => {
        clearTimeout(timer);
      });
    },
    abandon,
  };
}

/** Runs `work` on a session of its own and closes it afterwards. */
export async function withSession<T>(
  url: string,
  work: (session: OpenSession) => Promise<T>,
  limits?: SessionLimits,
): Promise<T> {
  const session = await openSession(url, limits);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** The same server and account, another database. */
export function urlOfDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

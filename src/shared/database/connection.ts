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

const CONNECT_TIMEOUT_MS = 10_000;

/** Connects. `onLost` hears of a connection that breaks while nothing runs on it; the process must not die of it. */
export async function openSession(url: string, onLost: (error: Error) => void = () => undefined): Promise<OpenSession> {
  const client = new Client({
    connectionString: url,
    application_name: 'ringonce',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on('error', onLost);
  await client.connect();
  return {
    client,
    query: async <Row extends QueryResultRow>(statement: string, parameters?: readonly unknown[]) =>
      (await client.query<Row>(statement, parameters ? [...parameters] : undefined)).rows,
    close: () => client.end(),
    abandon: () => void client.connection.stream.destroy(),
  };
}

/** Runs `work` on a session of its own and closes it afterwards. */
export async function withSession<T>(url: string, work: (session: OpenSession) => Promise<T>): Promise<T> {
  const session = await openSession(url);
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

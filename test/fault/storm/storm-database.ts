import { chosenServer } from '../../support/test-environment';
import { embeddedBinaries } from '../../../src/local/postgres-binaries';
import { TcpPassage } from '../../support/tcp-passage';
import { prepareTemplate, startTestServer, type TestServer } from '../../support/test-cluster';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';
import { waitFor } from '../../support/wait-for';
import { WITNESS } from './witness';

/** A commit that was answered is there after a crash. (fsync stays off: the machine itself does not crash.) */
const DURABLE = ['synchronous_commit=on'];

const ANSWER_MS = 60_000;

/** A PostgreSQL of the storm's own, with a way to it that may be cut, and one for those who look on. */
export class StormDatabase {
  restarts = { fast: 0, immediate: 0 };
  endedSessions = 0;

  private constructor(
    private readonly server: TestServer,
    private readonly quietWay: TcpPassage,
    /** The way of the instances. */
    readonly way: TcpPassage,
    readonly database: TestDatabase,
  ) {}

  static async start(): Promise<StormDatabase> {
    const server = await startTestServer(chosenServer().binaries ?? embeddedBinaries(), { settings: DURABLE });
    const way = await TcpPassage.open(() => server.port);
    const quietWay = await TcpPassage.open(() => server.port);
    const cluster = await prepareTemplate(withPort(server.superuserUrl, quietWay.port));
    const database = await createTestDatabase(cluster);
    await database.query(WITNESS);
    return new StormDatabase(server, quietWay, way, database);
  }

  /** For the instances. */
  get url(): string {
    return withPort(this.database.url, this.way.port);
  }

  /** Past every pooler and every cut. */
  get directPort(): number {
    return this.server.port;
  }

  query: TestDatabase['query'] = (statement, parameters) => this.database.query(statement, parameters);

  /** For what may be repeated: a statement that a restart broke off is sent again. */
  insist(statement: string, parameters?: readonly unknown[]): Promise<readonly Record<string, unknown>[]> {
    return waitFor(() => this.query(statement, parameters), 'the database answers', ANSWER_MS);
  }

  async restart(mode: 'fast' | 'immediate'): Promise<void> {
    await this.server.restart(mode);
    this.restarts[mode] += 1;
  }

  /** The server itself ends sessions of the service, in the middle of whatever they do. */
  async endSessions(share: number): Promise<void> {
    const ended = await this.insist(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and usename <> 'postgres' and random() < $1`,
      [share],
    );
    this.endedSessions += ended.length;
  }

  async stop(): Promise<void> {
    await this.database.drop();
    await this.way.close();
    await this.quietWay.close();
    await this.server.stop();
  }
}

export function withPort(url: string, port: number): string {
  const other = new URL(url);
  other.port = String(port);
  return other.href;
}

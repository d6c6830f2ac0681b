import { randomUUID } from 'node:crypto';
import { Pool, type QueryResultRow } from 'pg';
import { withSession } from '../../src/shared/database/connection';

interface Place {
  readonly name: string;
  readonly serverUrl: string;
  readonly url: string;
  readonly superuserUrl: string;
}

/** One database of the bench's server: migrated, seeded with the plans, otherwise empty. */
export class BenchDatabase {
  private readonly pool: Pool;

  constructor(private readonly place: Place) {
    this.pool = new Pool({ connectionString: place.superuserUrl, max: 3 });
    this.pool.on('error', () => undefined);
  }

  get name(): string {
    return this.place.name;
  }

  /** For the service, and for whoever is compared with it. */
  get url(): string {
    return this.place.url;
  }

  get superuserUrl(): string {
    return this.place.superuserUrl;
  }

  /** Asks as superuser. Without parameters the text may hold several statements. */
  readonly query = async <Row extends QueryResultRow = Record<string, unknown>>(
    statement: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]> => (await this.pool.query<Row>(statement, parameters ? [...parameters] : undefined)).rows;

  /** An active user on the plan: `enterprise` has no limits. @returns the user's id */
  async createUser(plan: 'enterprise' | 'free' = 'enterprise'): Promise<string> {
    const id = randomUUID();
    const account = `insert into auth.users (id, aud, role, email) values ($1, 'authenticated', 'authenticated', $2)`;
    await this.query(account, [id, `${id}@example.test`]);
    await this.query(`update user_profiles set status = 'active' where id = $1`, [id]);
    await this.query(
      `insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end)
       select $1, id, 'active', now() - interval '1 day', now() + interval '20 days'
         from subscription_plans where slug = $2 and interval = 'monthly'`,
      [id, plan],
    );
    return id;
  }

  /** Removes the database, whoever is still connected to it. */
  async drop(): Promise<void> {
    await this.pool.end();
    await withSession(this.place.serverUrl, (session) =>
      session.query(`drop database if exists ${this.name} with (force)`),
    );
  }
}

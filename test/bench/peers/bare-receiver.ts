import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance } from 'fastify';
import { Pool } from 'pg';

/** As many as the service has. */
const CONNECTIONS = 20;

const TABLE = `
  create table received_webhooks (
    id uuid primary key, call_id text not null, type text not null, message jsonb not null,
    received_at timestamptz not null default clock_timestamp())`;
const INSERT = 'insert into received_webhooks (id, call_id, type, message) values ($1, $2, $3, $4)';

interface Webhook {
  readonly message: { readonly type: string; readonly call: { readonly id: string } };
}

/**
 * What a webhook costs at least: Fastify reads JSON, one INSERT that is committed before the answer. Nobody is asked who
 * they are, nothing is made of what was told.
 */
export class BareReceiver {
  private readonly server: FastifyInstance = fastify();
  private pool: Pool | undefined;

  /** @returns where it listens */
  async start(databaseUrl: string): Promise<string> {
    const pool = new Pool({ connectionString: databaseUrl, max: CONNECTIONS });
    this.pool = pool;
    await pool.query(TABLE);
    this.server.post<{ Body: Webhook }>('/webhooks', async ({ body: { message } }) => {
      await pool.query(INSERT, [randomUUID(), message.call.id, message.type, JSON.stringify(message)]);
      return {};
    });
    return `${await this.server.listen({ port: 0, host: '127.0.0.1' })}/webhooks`;
  }

  async stop(): Promise<void> {
    await this.server.close();
    await this.pool?.end();
  }
}

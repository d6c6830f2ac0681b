import fastify, { type FastifyInstance } from 'fastify';
import { Pool } from 'pg';
import { serveParent } from '../../support/child-process';

/** As many as the service has. */
const CONNECTIONS = 20;

interface BareCall {
  readonly userId: string;
  readonly templateId: string;
  readonly recipientNumber: string;
  readonly customVariables: Readonly<Record<string, unknown>>;
}

/** What a request costs at least: Fastify reads JSON, one INSERT, an answer. Nobody is asked who they are. */
class BareHandler {
  private server: FastifyInstance | undefined;
  private pool: Pool | undefined;

  readonly duties = {
    /** @returns where it listens */
    start: async (databaseUrl: string): Promise<string> => {
      const pool = new Pool({ connectionString: databaseUrl, max: CONNECTIONS });
      const server = fastify();
      server.post<{ Body: BareCall }>('/calls', async ({ body }, reply) => {
        const { rows } = await pool.query<{ id: string }>(
          `insert into call_queue (user_id, template_id, recipient_number, custom_variables)
           values ($1, $2, $3, $4) returning id`,
          [body.userId, body.templateId, body.recipientNumber, body.customVariables],
        );
        return reply.code(201).send({ id: rows[0]?.id });
      });
      this.pool = pool;
      this.server = server;
      return server.listen({ port: 0, host: '127.0.0.1' });
    },
  };

  async stop(): Promise<void> {
    await this.server?.close();
    await this.pool?.end();
  }
}

const handler = new BareHandler();
serveParent(handler.duties, () => handler.stop());

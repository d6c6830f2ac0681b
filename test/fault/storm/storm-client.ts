import { Client } from 'pg';
import { type Answer, type RequestOptions, send, signToken } from '../../support/service';
import { waitFor } from '../../support/wait-for';

const PATIENCE_MS = 90_000;
/** No token runs out while it rages. */
export const LONGEST_STORM = '12h';

/** What people do: requests that come through the storm, repeated until somebody has answered them for good. */
export class StormClient {
  /** Requests whose answer was lost, or that nobody could take just then. */
  repeats = 0;

  constructor(
    private readonly url: string,
    private readonly adminToken: string,
  ) {}

  static async start(url: string, adminId: string): Promise<StormClient> {
    return new StormClient(url, await signToken({ userId: adminId, admin: true, expiresIn: LONGEST_STORM }));
  }

  /** Sends what is safe to repeat. @returns the first answer that is final, and whether it was the first one at all */
  async insist(method: string, path: string, options: RequestOptions): Promise<Answer & { readonly isFirst: boolean }> {
    let tries = 0;
    return waitFor(
      async () => {
        tries += 1;
        if (tries > 1) this.repeats += 1;
        const answer = await send(this.url + path, method, options);
        const isFinal = answer.status < 500 && !isUnderWay(answer);
        return isFinal ? { ...answer, isFirst: tries === 1 } : undefined;
      },
      `${method} ${path} is answered`,
      PATIENCE_MS,
    );
  }

  async admin(method: string, path: string, body?: unknown): Promise<Answer['body']> {
    const answer = await this.insist(method, path, { token: this.adminToken, ...(body !== undefined && { body }) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

/** The same key is in use by a request whose end has not been noticed yet. */
function isUnderWay({ status, body }: Answer): boolean {
  return status === 409 && (body as { code?: string } | undefined)?.code === 'request.in_progress';
}

/** A row of the queue as a user writes it through the Data API. @returns false when it may be there or not */
export async function insertRow(
  databaseUrl: string,
  { userId, number, templateId }: { readonly userId: string; readonly number: string; readonly templateId: string },
): Promise<boolean> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('begin');
    await client.query(`select set_config('request.jwt.claims', $1, true), set_config('role', 'authenticated', true)`, [
      JSON.stringify({ sub: userId, role: 'authenticated' }),
    ]);
    await client.query(`insert into call_queue (user_id, recipient_number, template_id) values ($1, $2, $3)`, [
      userId,
      number,
      templateId,
    ]);
    return (await client.query('commit')).command === 'COMMIT';
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

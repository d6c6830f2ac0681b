import { isWithoutAnswer } from './database-unavailable';
import type { Database } from './database';
import { JoiningClient } from './joining-client';

/** The part of the time the client waits for an answer in which the server is to have one. */
const PATIENCE = 0.8;

/**
 * Runs `work` on one connection, from BEGIN to its end; without a statement there is neither. Not drizzle's own
 * `transaction`: that keeps a connection whose BEGIN failed, hides the cause behind the failure of ROLLBACK, and takes for
 * committed what PostgreSQL answered with ROLLBACK.
 * @param begin single statements, BEGIN first
 */
export async function transact<T>(
  { pool: { $client: pool } }: Database,
  begin: readonly string[],
  work: (client: JoiningClient) => Promise<T>,
): Promise<T> {
  const connection = await pool.connect();
  const client = new JoiningClient(connection, begin, (pool.options.query_timeout ?? 0) * PATIENCE);
  let broken = true;
  try {
    const result = await work(client);
    await client.commit();
    broken = false;
    return result;
  } catch (error) {
    broken = isWithoutAnswer(error) || !(await client.rollback());
    throw error;
  } finally {
    connection.release(broken);
  }
}

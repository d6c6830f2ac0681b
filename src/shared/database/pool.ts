import { Logger } from '@nestjs/common';
import { type ClientBase, Pool } from 'pg';
import { isTracing } from '../observability/spans';
import { inStory } from '../observability/story';
import { traceQueries } from './trace-queries';

const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_DELAY_MS = 10_000;
/** Far beyond any statement, and any wait for a lock, that is not stuck. */
export const ANSWER_TIMEOUT_MS = 30_000;
export const MAX_CONNECTIONS = 20;

/**
 * Connections that may die at any time without taking the process along: a pool listens for errors of idle
 * connections only, so those that are lent out get a listener of their own. A query that runs on a dying connection
 * rejects, and the pool replaces the connection. So it does where no answer comes: a network that swallows everything
 * tells nobody, and TCP itself would wait for a quarter of an hour.
 */
export function createPool(
  url: string,
  maxConnections = MAX_CONNECTIONS,
  answerTimeoutMs: number = ANSWER_TIMEOUT_MS,
): Pool {
  const logger = new Logger('Database');
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    application_name: 'ringonce',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: answerTimeoutMs,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    onConnect: prepareConnection,
  });
  if (isTracing()) traceQueries(pool);
  pool.on('error', (error) => {
    // Not the story of whoever opened the connection.
    inStory(undefined, () => {
      logger.warn(`A database connection was lost: ${error.message}`);
    });
  });
  return pool;
}

/**
 * The pool waits for what this returns, although its types do not say so. As a statement and not as a startup
 * parameter, because poolers refuse those that they don't know.
 */
function prepareConnection(client: Pick<ClientBase, 'on' | 'query'>): unknown {
  client.on('error', () => undefined);
  return client.query(`set timezone to 'UTC'`);
}

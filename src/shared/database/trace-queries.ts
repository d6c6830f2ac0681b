import { AsyncResource } from 'node:async_hooks';
import { isPromise } from 'node:util/types';
import type { Pool, PoolClient } from 'pg';
import { type ClientSpan, clientSpan, end, endFailed } from '../observability/spans';
import { describeStatements } from '../observability/describe-statements';

type Arguments = readonly unknown[];
type Query = (...given: Arguments) => unknown;
type Done = (error: unknown, ...rest: Arguments) => unknown;

/**
 * A span for every message to the server: its statements without a single value, the bound ones as little as those that
 * are written into the text.
 */
export function traceQueries(pool: Pool): void {
  // A connection is often lent out by whoever gives it back: then its query would be taken for a part of that one's story.
  const connect = pool.connect.bind(pool) as (done?: Done) => unknown;
  const connectInStory = (done?: Done) => connect(done && AsyncResource.bind(done));
  Object.assign(pool, { connect: connectInStory });
  pool.on('connect', traceClient);
}

function traceClient(client: PoolClient): void {
  const { database, host, port } = client as PoolClient &
    Partial<Record<'database' | 'host', string>> & { port?: number };
  const query = client.query.bind(client) as unknown as Query;
  const attributes = {
    'db.system.name': 'postgresql',
    ...(database && { 'db.namespace': database }),
    ...(host && { 'server.address': host }),
    ...(port && { 'server.port': port }),
  };
  const traced: Query = (...given) => {
    const text = textOf(given[0]);
    const span = text === undefined ? undefined : clientSpan(() => describe(text, attributes));
    if (!span) return query(...given);
    return observed(query, given, (error) => {
      endWith(span, error);
    });
  };
  Object.assign(client, { query: traced });
}

function endWith(span: ClientSpan, error: unknown): void {
  if (error === undefined || error === null) {
    end(span);
    return;
  }
  const state = stateOf(error);
  if (state !== undefined) span.setAttribute('db.response.status_code', state);
  endFailed(span, state ?? 'connection');
}

/** Both ways that node-postgres answers: a callback behind the other parameters, or a promise. */
function observed(query: Query, given: Arguments, tell: (error?: unknown) => void): unknown {
  const done = given.at(-1);
  if (typeof done === 'function') {
    const callback: Done = (error, ...rest) => {
      tell(error);
      return (done as Done)(error, ...rest);
    };
    return query(...given.slice(0, -1), callback);
  }
  const answer = query(...given);
  if (isPromise(answer))
    answer.then(() => {
      tell();
    }, tell);
  else tell();
  return answer;
}

function describe(message: string, attributes: Readonly<Record<string, string | number>>) {
  const { summary, text, count } = describeStatements(message);
  return {
    name: summary,
    attributes: {
      ...attributes,
      'db.query.summary': summary,
      ...(text && { 'db.query.text': text }),
      ...(count > 1 && { 'db.operation.batch.size': count }),
    },
  };
}

/** Undefined for what is no statement: a cursor or a copy. */
function textOf(statement: unknown): string | undefined {
  if (typeof statement === 'string') return statement;
  if (typeof statement !== 'object' || statement === null || 'submit' in statement) return undefined;
  return 'text' in statement && typeof statement.text === 'string' ? statement.text : undefined;
}

/** SQLSTATE, or the socket's code. */
function stateOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

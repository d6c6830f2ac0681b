import { isNativeError } from 'node:util/types';

/** An error of the query builder: its message repeats the parameters, which are people's numbers and words. */
interface FailedQuery extends Error {
  readonly query: string;
  readonly params: unknown;
}

/** Text about an error for the log: stacks and causes, but never the parameters of a query. */
export function describeFailure(error: unknown): string {
  if (!isNativeError(error)) return typeof error === 'string' ? error : 'Something that is no Error was thrown';
  if (isFailedQuery(error)) return `Failed query: ${error.query}\nCaused by: ${describeFailure(error.cause)}`;
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\nCaused by: ${describeFailure(error.cause)}`;
}

function isFailedQuery(error: Error): error is FailedQuery {
  return 'params' in error && 'query' in error && typeof error.query === 'string';
}

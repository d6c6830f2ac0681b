import { isNativeError } from 'node:util/types';
import { describeStatements } from './describe-statements';

/** An error of the query builder: its message repeats the parameters, which are people's numbers and words. */
interface FailedQuery extends Error {
  readonly query: string;
  readonly params: unknown;
}

/** Causes of causes that are told. An error may be its own cause. */
const DEEPEST = 8;
/** What is no error may hold anything. */
const NO_ERROR = 'Something that is no Error was thrown';

/** Also true of errors from another realm, and of those that only inherit from Error, as DOMException does. */
export function isError(thrown: unknown): thrown is Error {
  return isNativeError(thrown) || thrown instanceof Error;
}

/** Text about an error for the log: stacks and causes, but never a value of a query, bound or written into its text. */
export function describeFailure(error: unknown): string {
  const told: string[] = [];
  for (let one = error; told.length < DEEPEST; one = one.cause) {
    told.push(ownWords(one));
    if (!isError(one) || (one.cause === undefined && !isFailedQuery(one))) break;
  }
  return told.join('\nCaused by: ');
}

function ownWords(error: unknown): string {
  if (!isError(error)) return NO_ERROR;
  if (isFailedQuery(error)) return `Failed query: ${statementsOf(error)}`;
  // Anything may be written over a stack.
  const stack: unknown = error.stack;
  return typeof stack === 'string' ? stack : `${error.name}: ${error.message}`;
}

function isFailedQuery(error: Error): error is FailedQuery {
  return 'params' in error && 'query' in error && typeof error.query === 'string';
}

/** Statements that are sent together have their values in the text. */
function statementsOf({ query }: FailedQuery): string {
  try {
    return describeStatements(query).text || 'SQL';
  } catch {
    // Too long a text for a regular expression.
    return 'SQL';
  }
}

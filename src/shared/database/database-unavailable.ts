import { isNativeError } from 'node:util/types';
import { DomainError } from '../kernel/domain-error';

/** The database cannot answer at the moment. Trying again later may help. */
export class DatabaseUnavailable extends DomainError {
  constructor() {
    super('request.database_unavailable', 'unavailable', 'The database is not available at the moment');
  }
}

/**
 * SQLSTATEs that pass by themselves: the connection is gone (class 08), the server stops, starts, is full or has just
 * become a standby, a lock or a statement took too long, or two transactions were in each other's way.
 */
const PASSING_STATE = /^(08...|57P0[1-5]|57014|53300|53400|55P03|40001|40P01|25006)$/;

/** What the server says about a connection that it ends, not about a statement. */
const CONNECTION_STATE = /^(08...|57P0[1-5])$/;
const STATE = /^[0-9A-Z]{5}$/;

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
]);

/** What node-postgres says without any code. */
const DRIVER_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|timeout expired$)/;
const NO_ANSWER = 'Query read timeout';

const MAX_DEPTH = 8;

/** Whether `error`, or what caused it, says that the database cannot answer now, rather than that a query is wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  return isCausedBy(error, (cause) => cause instanceof DatabaseUnavailable || saysUnavailable(cause));
}

/** Whether a statement was given up because no answer came: whatever is sent on its connection waits behind it. */
export function isWithoutAnswer(error: unknown): boolean {
  return isCausedBy(error, ({ message }) => message === NO_ANSWER);
}

/** Whether the server has refused a statement, and so whatever was done with it: a refused COMMIT commits nothing. */
export function isRefusedStatement(error: unknown): boolean {
  return isCausedBy(error, ({ code }) => typeof code === 'string' && STATE.test(code) && !CONNECTION_STATE.test(code));
}

function isCausedBy(error: unknown, isIt: (cause: Error & { readonly code?: unknown }) => boolean): boolean {
  let current: unknown = error;
  for (let depth = 0; isNativeError(current) && depth < MAX_DEPTH; depth += 1) {
    if (isIt(current)) return true;
    current = current.cause;
  }
  return false;
}

function saysUnavailable(error: Error & { readonly code?: unknown }): boolean {
  if (typeof error.code === 'string') return SOCKET_CODES.has(error.code) || PASSING_STATE.test(error.code);
  return error.message === NO_ANSWER || DRIVER_MESSAGE.test(error.message);
}

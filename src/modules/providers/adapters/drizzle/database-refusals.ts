import { DrizzleQueryError } from 'drizzle-orm';
import type { DomainError } from '../../../../shared/kernel/domain-error';

/** The constraint failures that mean something to a caller, by SQLSTATE. */
export interface Refusals {
  /** 23505: another row has the same name or id. */
  readonly unique?: () => DomainError;
  /** 23503: the row refers to nothing, or others still refer to it. */
  readonly reference?: () => DomainError;
}

/** Runs a statement; a broken constraint that `refusals` names becomes that refusal. */
export async function refusing<T>(refusals: Refusals, statement: () => Promise<T>): Promise<T> {
  try {
    return await statement();
  } catch (error) {
    const state = sqlState(error);
    if (state === '23505' && refusals.unique) throw refusals.unique();
    if ((state === '23503' || state === '23001') && refusals.reference) throw refusals.reference();
    throw error;
  }
}

function sqlState(error: unknown): unknown {
  const cause = error instanceof DrizzleQueryError ? error.cause : undefined;
  return cause && 'code' in cause ? cause.code : undefined;
}

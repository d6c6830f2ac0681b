const FOREIGN_KEY_VIOLATION = '23503';

/** Whether a statement failed because a row that it refers to is gone. */
export function isForeignKeyViolation(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === FOREIGN_KEY_VIOLATION;
}

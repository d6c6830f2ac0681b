/** Whether a statement failed because of the constraint, or of what a trigger or a policy reports under its name. */
export function violates(error: unknown, constraint: string): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'constraint' in cause && cause.constraint === constraint;
}

/**
 * Whether row-level security has refused to write a row. A missing right has the same SQLSTATE, but is an operator's
 * mistake; only the place in PostgreSQL that refuses tells them apart.
 */
export function isRefusedByPolicy(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error && 'code' in cause && 'routine' in cause)) return false;
  return cause.code === '42501' && cause.routine === 'ExecWithCheckOptions';
}

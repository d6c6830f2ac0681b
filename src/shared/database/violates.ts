/** Whether a statement failed because of the constraint, or of what a trigger reports under its name. */
export function violates(error: unknown, constraint: string): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'constraint' in cause && cause.constraint === constraint;
}

/** Whether row-level security, or a missing right, has refused a statement. */
export function isNotAllowed(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === '42501';
}

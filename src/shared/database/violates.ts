/** Whether a statement failed because of the constraint, or of what a trigger reports under its name. */
export function violates(error: unknown, constraint: string): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'constraint' in cause && cause.constraint === constraint;
}

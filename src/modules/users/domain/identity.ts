/** Whom a verified token speaks for. */
export interface Identity {
  readonly kind: 'user' | 'service';
  /** The token's subject: a user's UUID in lower case, or whatever an internal service calls itself. */
  readonly subject: string;
  readonly email: string | undefined;
  readonly isAdmin: boolean;
}

/** The claims of a token whose signature, issuer, audience and times hold. */
export interface TokenClaims {
  readonly subject: string;
  readonly role: string;
  readonly email: string | undefined;
  readonly isAdmin: boolean;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A user's id in lower case, so that two spellings are one user; undefined for anything else. */
export function parseUserId(text: string): string | undefined {
  return UUID.test(text) ? text.toLowerCase() : undefined;
}

/** Who the claims make the caller; undefined for `anon` and every role that is neither a user nor an internal service. */
export function toIdentity({ subject, role, email, isAdmin }: TokenClaims): Identity | undefined {
  if (role === 'service_role') return { kind: 'service', subject, email: undefined, isAdmin: true };
  const userId = parseUserId(subject);
  return role === 'authenticated' && userId ? { kind: 'user', subject: userId, email, isAdmin } : undefined;
}

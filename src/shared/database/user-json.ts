import type { UserClaims } from '../kernel/unit-of-work.port';

/** A user's claims, with the role that row-level security is written for, as `auth.uid()` and its relatives read them. */
export function userJson({ sub, email }: UserClaims): string {
  return JSON.stringify({ sub, email, role: 'authenticated' });
}

import { accessToken } from '../../scripts/access-token';

export const JWT_SECRET = 'a secret that only the bench knows about';

/** A token as Supabase signs it for a legacy project. */
export function signToken(userId: string, isAdmin = false): Promise<string> {
  return accessToken(JWT_SECRET, { userId, isAdmin });
}

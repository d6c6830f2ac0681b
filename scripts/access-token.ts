import { SignJWT } from 'jose';

const LIFETIME = '24h';

/** Whom a token speaks for. */
export interface TokenHolder {
  readonly userId: string;
  readonly isAdmin: boolean;
}

/** An access token as Supabase would issue it, signed with the secret of local mode. */
export function accessToken(secret: string, { userId, isAdmin }: TokenHolder): Promise<string> {
  return new SignJWT({ role: 'authenticated', ...(isAdmin && { app_metadata: { role: 'admin' } }) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(userId)
    .setAudience('authenticated')
    .setIssuedAt()
    .setExpirationTime(LIFETIME)
    .sign(new TextEncoder().encode(secret));
}

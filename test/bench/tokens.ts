import { createHmac } from 'node:crypto';

export const JWT_SECRET = 'a secret that only the bench knows about';

const LIFE_SECONDS = 86_400;

/** A token as Supabase signs it for a legacy project. */
export function signToken(userId: string, isAdmin = false): string {
  const issuedAt = Math.floor(Date.now() / 1000);
  const claims = {
    sub: userId,
    aud: 'authenticated',
    role: 'authenticated',
    iat: issuedAt,
    exp: issuedAt + LIFE_SECONDS,
    ...(isAdmin && { app_metadata: { role: 'admin' } }),
  };
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${content}.${createHmac('sha256', JWT_SECRET).update(content).digest('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

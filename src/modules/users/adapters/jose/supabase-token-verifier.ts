import {
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import { z } from 'zod';
import { TokenVerifier } from '../../application/ports/token-verifier.port';
import type { TokenClaims } from '../../domain/identity';
import { TokenKeysUnavailable } from '../../domain/users.errors';
import type { TokenSettings } from '../../users.settings';
import { VerifiedTokens } from './verified-tokens';

const AUDIENCE = 'authenticated';
/** Clocks of two machines may differ by this much. */
const TOLERANCE_SECONDS = 5;

const claims = z.object({
  sub: z.string().min(1),
  exp: z.number(),
  role: z.string(),
  email: z.string().optional().catch(undefined),
  app_metadata: z.object({ role: z.unknown() }).optional().catch(undefined),
});

/** What a token is checked with. Asymmetric and shared-secret algorithms are never accepted side by side. */
interface Verification {
  readonly key: Uint8Array | JWTVerifyGetKey;
  readonly options: Pick<JWTVerifyOptions, 'algorithms' | 'issuer'>;
}

/** Errors of jose that say that the keys could not be had, not that the token is bad. */
const KEY_TROUBLE = [errors.JWKSTimeout, errors.JWKSInvalid];

/** Verifies Supabase access tokens against the project's published keys, or with its legacy shared secret. */
export class SupabaseTokenVerifier extends TokenVerifier {
  private readonly verified = new VerifiedTokens();

  private constructor(private readonly verification: Verification) {
    super();
  }

  /**
   * Supabase signs with ES256 or RS256 and names the project's auth server as issuer. Its keys rotate: an unknown key
   * id makes jose fetch the set again, at most once in `cooldownMs`.
   */
  static withPublishedKeys(supabaseUrl: string, cooldownMs = 30_000): SupabaseTokenVerifier {
    const issuer = `${supabaseUrl}/auth/v1`;
    const key = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), { cooldownDuration: cooldownMs });
    return new SupabaseTokenVerifier({ key, options: { algorithms: ['ES256', 'RS256'], issuer } });
  }

  /** A shared secret belongs to one project; tokens of other issuers cannot carry its signature. */
  static withSecret(secret: string): SupabaseTokenVerifier {
    return new SupabaseTokenVerifier({ key: new TextEncoder().encode(secret), options: { algorithms: ['HS256'] } });
  }

  static from(settings: TokenSettings): SupabaseTokenVerifier {
    return settings.kind === 'jwks'
      ? SupabaseTokenVerifier.withPublishedKeys(settings.supabaseUrl)
      : SupabaseTokenVerifier.withSecret(settings.secret);
  }

  async verify(token: string): Promise<TokenClaims | undefined> {
    const known = this.verified.find(token);
    if (known) return known;
    const payload = await this.readPayload(token);
    const parsed = claims.safeParse(payload);
    if (!parsed.success) return undefined;
    const { sub, exp, role, email, app_metadata: metadata } = parsed.data;
    const verified = { subject: sub, role, email, isAdmin: metadata?.role === 'admin' };
    this.verified.keep(token, verified, (exp + TOLERANCE_SECONDS) * 1_000);
    return verified;
  }

  private async readPayload(token: string): Promise<JWTPayload | undefined> {
    const { key, options } = this.verification;
    const checks: JWTVerifyOptions = {
      ...options,
      audience: AUDIENCE,
      clockTolerance: TOLERANCE_SECONDS,
      requiredClaims: ['sub', 'exp', 'role'],
    };
    try {
      const { payload } = await (typeof key === 'function'
        ? jwtVerify(token, key, checks)
        : jwtVerify(token, key, checks));
      return payload;
    } catch (error) {
      if (isAboutToken(error)) return undefined;
      throw new TokenKeysUnavailable();
    }
  }
}

/**
 * jose has an error class for each fault of a token; a key set that cannot be fetched shows as a plain JOSEError, as
 * one of KEY_TROUBLE, or as whatever fetch throws.
 */
function isAboutToken(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError) || error.constructor === errors.JOSEError) return false;
  return !KEY_TROUBLE.some((trouble) => error instanceof trouble);
}

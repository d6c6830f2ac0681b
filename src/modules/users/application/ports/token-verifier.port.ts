import type { TokenClaims } from '../../domain/identity';

/** Verifies access tokens. */
export abstract class TokenVerifier {
  /**
   * The claims of a token that holds: signature, audience `authenticated`, issuer where one is known, times with a
   * tolerance of 5 seconds, and `sub`, `exp`, `role` present. Undefined for every other text.
   * @throws TokenKeysUnavailable when the keys cannot be fetched
   */
  abstract verify(token: string): Promise<TokenClaims | undefined>;
}

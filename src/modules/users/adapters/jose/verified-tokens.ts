import { createHash } from 'node:crypto';
import type { TokenClaims } from '../../domain/identity';

/** Tokens remembered at once: a few megabytes. */
const MAX_TOKENS = 10_000;
/**
 * Far less than what published keys are kept for, so that a key that was withdrawn is not trusted noticeably longer. Nothing
 * else can take back a token before it expires.
 */
const MEMORY_MS = 60_000;

interface Remembered {
  readonly claims: TokenClaims;
  readonly until: number;
}

/**
 * Tokens that have held, so that the signature is checked once a minute and not with every request: checking it costs
 * as much as several statements. By the token's hash: a dump of the memory gives away no token.
 */
export class VerifiedTokens {
  private readonly tokens = new Map<string, Remembered>();

  /** @param now milliseconds since 1970, as tokens count */
  constructor(private readonly now: () => number = () => Date.now()) {}

  /** The claims of a token that has held lately, and has not expired since. */
  find(token: string): TokenClaims | undefined {
    const known = this.tokens.get(hashOf(token));
    return known && this.now() < known.until ? known.claims : undefined;
  }

  /** @param expiresAt milliseconds since 1970 from which on the token no longer holds */
  keep(token: string, claims: TokenClaims, expiresAt: number): void {
    const now = this.now();
    const hash = hashOf(token);
    this.tokens.delete(hash);
    this.makeRoom(now);
    this.tokens.set(hash, { claims, until: Math.min(expiresAt, now + MEMORY_MS) });
  }

  /** The map keeps the order of insertion: the first ones are the oldest. */
  private makeRoom(now: number): void {
    for (const [hash, { until }] of this.tokens) {
      if (until > now && this.tokens.size < MAX_TOKENS) return;
      this.tokens.delete(hash);
    }
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

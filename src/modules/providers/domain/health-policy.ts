const MINUTE_MS = 60_000;

/** A refusal that repeats never pauses a provider longer than this. */
export const LONGEST_COOLDOWN_MS = 5 * MINUTE_MS;
/** The first pause of an account that the vendor turns away. */
export const ACCOUNT_PAUSE_MS = 5 * MINUTE_MS;
/** The longest pause of an account, and of anything a vendor asks for. */
export const LONGEST_PAUSE_MS = 60 * MINUTE_MS;

/** The operator's numbers behind pauses, quarantine and the circuit breaker. */
export class HealthPolicy {
  constructor(
    readonly limits: {
      /** After a concurrency or rate refusal that names no time. */
      readonly cooldownMs: number;
      readonly lineQuarantineMs: number;
      /** So many failures in a row open the breaker. */
      readonly breakerFailures: number;
      /** How long an open breaker stays shut, and how long a probe may stay unanswered. */
      readonly breakerOpenMs: number;
    },
  ) {}
}

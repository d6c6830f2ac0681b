import type { Refusal } from '../public/call-provider.port';
import type { PlacementReport, ProviderHold } from '../public/provider-pool.port';
import { type LoweredLimit, lowerLimit } from './effective-limit';
import { ACCOUNT_PAUSE_MS, type HealthPolicy, LONGEST_COOLDOWN_MS, LONGEST_PAUSE_MS } from './health-policy';

/**
 * How a provider is doing. Spans of time, counted from the moment at which the database told them; 0 or less is over,
 * null was never set.
 */
export interface ProviderHealth extends LoweredLimit {
  readonly breaker: 'closed' | 'open' | 'half-open';
  /** Failures in a row that the breaker counts. */
  readonly failures: number;
  /** Open: time until a probe may go out. Half-open: time until the probe under way counts as lost. */
  readonly probeInMs: number | null;
  readonly pausedForMs: number | null;
  readonly pauseReason: string | null;
  /** Pauses in a row without an accepted call in between. */
  readonly pauses: number;
  /** Whether an administrator has paused the provider by hand. Nothing in here ever changes it. */
  readonly isSuspended: boolean;
}

export const HEALTHY: ProviderHealth = {
  breaker: 'closed',
  failures: 0,
  probeInMs: null,
  pausedForMs: null,
  pauseReason: null,
  pauses: 0,
  isSuspended: false,
  loweredLimit: null,
  loweredForMs: null,
};

type Result = PlacementReport['result'];
type Refused = Extract<Result, { kind: 'refused' }>;

/** Whether a pause is under way. */
export const isPaused = (health: ProviderHealth): boolean => (health.pausedForMs ?? 0) > 0;

/** Why no call may go out just now; undefined when one may. */
export function holdOf(health: ProviderHealth): ProviderHold | undefined {
  if (health.isSuspended) return 'suspended';
  if (isPaused(health)) return 'paused';
  return health.breaker !== 'closed' && (health.probeInMs ?? 0) > 0 ? 'breaker-open' : undefined;
}

/** Whether a broken provider may get one call that shows whether it works again. */
export const awaitsProbe = (health: ProviderHealth): boolean => health.breaker !== 'closed' && !holdOf(health);

/** A probe goes out: nothing else does until it is answered or counts as lost. */
export function whileProbed(health: ProviderHealth, policy: HealthPolicy): ProviderHealth {
  return { ...health, breaker: 'half-open', probeInMs: policy.limits.breakerOpenMs };
}

/** The refusals that pause a provider. Of the others only `unreachable` says something about its health. */
const PAUSING: ReadonlySet<Refusal> = new Set<Refusal>(['concurrency', 'rate_limit', 'account']);

/** The health after a placement's result; the very same object when the result changes nothing. */
export function afterPlacement(
  health: ProviderHealth,
  { result, inUse }: Pick<PlacementReport, 'result' | 'inUse'>,
  policy: HealthPolicy,
): ProviderHealth {
  if (result.kind === 'accepted') return afterAcceptance(health);
  if (result.kind === 'unknown' || result.refusal === 'unreachable') return afterFailure(health, policy);
  if (!PAUSING.has(result.refusal)) return afterAnswer(health);
  const paused = afterPausingRefusal(health, result, policy);
  return result.refusal === 'concurrency' && inUse !== undefined ? { ...paused, ...lowerLimit(health, inUse) } : paused;
}

/**
 * A call that was accepted during a pause was sent before it: the pause runs its course, since it would otherwise end
 * with the next answer of the very batch that went over the vendor's limit.
 */
function afterAcceptance(health: ProviderHealth): ProviderHealth {
  const reachable = health.breaker === 'closed' && health.failures === 0 ? health : closed(health);
  const hasPauseBehindIt = health.pauses > 0 || health.pausedForMs !== null;
  if (isPaused(health) || !hasPauseBehindIt) return reachable;
  return { ...reachable, pausedForMs: null, pauseReason: null, pauses: 0 };
}

/** A vendor that refuses is there: that is all a probe asks. Otherwise such a refusal says nothing about health. */
function afterAnswer(health: ProviderHealth): ProviderHealth {
  return health.breaker === 'half-open' ? closed(health) : health;
}

function afterFailure(health: ProviderHealth, policy: HealthPolicy): ProviderHealth {
  const failures = health.failures + 1;
  const opens = health.breaker === 'half-open' || failures >= policy.limits.breakerFailures;
  if (health.breaker === 'open' || !opens) return { ...health, failures };
  return { ...health, failures, breaker: 'open', probeInMs: policy.limits.breakerOpenMs };
}

/** Refusals that arrive during a pause were sent before it: they may lengthen it, but they are no repetition. */
function afterPausingRefusal(health: ProviderHealth, refused: Refused, policy: HealthPolicy): ProviderHealth {
  const answered = afterAnswer(health);
  const repetitions = isPaused(health) ? Math.max(0, health.pauses - 1) : health.pauses;
  const pauseMs = pauseFor(refused, repetitions, policy);
  const isLonger = pauseMs > (health.pausedForMs ?? 0);
  if (!isLonger) return answered;
  return { ...answered, pauses: repetitions + 1, pausedForMs: pauseMs, pauseReason: reasonFor(refused) };
}

function pauseFor(refused: Refused, repetitions: number, policy: HealthPolicy): number {
  if (refused.refusal === 'account') return Math.min(ACCOUNT_PAUSE_MS * 2 ** repetitions, LONGEST_PAUSE_MS);
  if (refused.retryAfterMs !== undefined) return Math.min(refused.retryAfterMs, LONGEST_PAUSE_MS);
  const { cooldownMs } = policy.limits;
  return Math.min(cooldownMs * 2 ** repetitions, Math.max(cooldownMs, LONGEST_COOLDOWN_MS));
}

function reasonFor(refused: Refused): string {
  switch (refused.refusal) {
    case 'account':
      return (
        `The vendor turns the account away (${refused.detail}). Check its key, credit and plan with the vendor; ` +
        'setting new credentials ends the pause at once.'
      );
    case 'concurrency':
      return (
        `The vendor allows no more calls at once (${refused.detail}). Fewer are sent for a while, then one more every ` +
        'half minute. If this repeats, lower the concurrency limit to what the account allows.'
      );
    default:
      return `The vendor asks for fewer requests (${refused.detail}). Calls go on by themselves.`;
  }
}

const closed = (health: ProviderHealth): ProviderHealth => ({
  ...health,
  breaker: 'closed',
  failures: 0,
  probeInMs: null,
});

/** What an operator should know, and do, about a change of health; undefined when it is no news. */
export function newsOf(previous: ProviderHealth, next: ProviderHealth): string | undefined {
  if (next.breaker === 'open' && previous.breaker !== 'open') {
    return (
      `${String(next.failures)} placements in a row failed; one call will probe it in ${inSeconds(next.probeInMs)}. ` +
      "If this lasts, check the network, the base URL and the vendor's status page."
    );
  }
  const isNewPause = isPaused(next) && next.pauseReason !== previous.pauseReason;
  if (isPaused(next) && (isNewPause || !isPaused(previous))) {
    return `paused for ${inSeconds(next.pausedForMs)}. ${next.pauseReason ?? ''}`;
  }
  return undefined;
}

const inSeconds = (milliseconds: number | null): string => `${String(Math.ceil((milliseconds ?? 0) / 1000))} s`;

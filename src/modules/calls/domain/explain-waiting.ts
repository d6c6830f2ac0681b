import { mayCall } from './choose-line';

/** Due calls that are alike in everything that decides when they go out. */
export interface WaitingGroup {
  readonly calls: number;
  /** ISO 3166-1 alpha-2 of the recipients, where a claim has noted it. */
  readonly country: string | null;
  /** Providers that may place them. */
  readonly routes: readonly {
    readonly providerId: string;
    readonly isActive: boolean;
    readonly hasActiveAssistant: boolean;
  }[];
  /** Providers that could not be reached for these very calls a moment ago. */
  readonly avoidProviderIds: readonly string[];
}

/** How an active provider stands between calls and their dispatch. */
export interface ProviderStanding {
  readonly id: string;
  readonly hold: 'suspended' | 'paused' | 'breaker-open' | undefined;
  /** When the hold ends by itself; null without one, and for one that only an administrator ends. */
  readonly heldUntil: Date | null;
  readonly free: number;
  readonly lines: readonly { readonly destinations: readonly string[] | null }[];
  /** When the first of the resting numbers may be used again. */
  readonly nextLineAt: Date | null;
}

export const WAITING_REASONS = [
  'paused',
  'restored',
  'next_claim',
  'provider_paused',
  'breaker_open',
  'no_slot',
  'no_number',
  'no_assistant',
  'provider_inactive',
  'unreachable',
] as const;
export type WaitingReason = (typeof WAITING_REASONS)[number];

/** So many calls wait for one reason; `until` where the time is known at which it ends by itself. */
export interface Waiting {
  readonly reason: WaitingReason;
  /** Null where the reason is no provider's. */
  readonly providerId: string | null;
  readonly calls: number;
  readonly until: Date | null;
}

type Obstacle = Omit<Waiting, 'calls'>;

const NEXT_CLAIM: Obstacle = { reason: 'next_claim', providerId: null, until: null };

/** What holds up all calls alike. */
export type QueueHold = 'paused' | 'restored';

/**
 * Why due calls wait. A call that some provider can take goes out, or fails, with the next claim; any other counts once
 * for each provider that could take it if it were not for the reason. While the queue as a whole is held nothing else matters.
 */
export function explainWaiting(
  groups: readonly WaitingGroup[],
  standings: readonly ProviderStanding[],
  hold: QueueHold | undefined,
): readonly Waiting[] {
  const providers = new Map(standings.map((standing) => [standing.id, standing]));
  const counted = new Map<string, Waiting>();
  const held: readonly Obstacle[] | undefined = hold && [{ reason: hold, providerId: null, until: null }];
  for (const group of groups) {
    for (const obstacle of held ?? obstaclesOf(group, providers)) {
      const key = `${obstacle.reason} ${obstacle.providerId ?? ''}`;
      const calls = (counted.get(key)?.calls ?? 0) + group.calls;
      counted.set(key, { ...obstacle, calls });
    }
  }
  return [...counted.values()].sort((a, b) => b.calls - a.calls);
}

/** Without any provider the calls are hopeless: the next claim lets them fail. */
function obstaclesOf(group: WaitingGroup, providers: ReadonlyMap<string, ProviderStanding>): readonly Obstacle[] {
  const obstacles: Obstacle[] = [];
  for (const route of group.routes) {
    const obstacle = obstacleOn(route, group, providers.get(route.providerId));
    if (!obstacle) return [NEXT_CLAIM];
    obstacles.push(obstacle);
  }
  return obstacles.length === 0 ? [NEXT_CLAIM] : obstacles;
}

function obstacleOn(
  { providerId, isActive, hasActiveAssistant }: WaitingGroup['routes'][number],
  group: WaitingGroup,
  standing: ProviderStanding | undefined,
): Obstacle | undefined {
  const because = (reason: WaitingReason, until: Date | null = null): Obstacle => ({ reason, providerId, until });
  if (!isActive || !standing) return because('provider_inactive');
  if (!hasActiveAssistant) return because('no_assistant');
  if (standing.hold === 'breaker-open') return because('breaker_open', standing.heldUntil);
  if (standing.hold) return because('provider_paused', standing.heldUntil);
  if (group.avoidProviderIds.includes(providerId)) return because('unreachable');
  if (!hasLineFor(standing, group.country)) return because('no_number', standing.nextLineAt);
  return standing.free > 0 ? undefined : because('no_slot');
}

function hasLineFor({ lines }: ProviderStanding, country: string | null): boolean {
  return lines.some((line) => country === null || mayCall(line, country));
}

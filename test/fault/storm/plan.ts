import { pick, type Random, seededRandom } from '../../../sandbox/kit/random';
import { numbers } from '../../support/dispatch-world';
import { drawCall, type PlannedCall } from './planned-call';

/** How much of a storm there is. */
export interface StormSize {
  readonly calls: number;
  readonly callsPerStep: number;
  readonly users: number;
  readonly caps: Caps;
}

/** What each provider may carry at most; the storm changes it to anything below, and back. */
export type Caps = readonly [first: number, second: number];

/** One event for each kind, so that a kind alone tells what comes with it. */
type Kinds<Kind extends string, Details> = Kind extends string ? { readonly kind: Kind } & Details : never;

/** Something that happens to the service. A lot is a number from 0 to 1 that decides the rest when it happens. */
export type StormEvent =
  | Kinds<'kill' | 'kill-at-point' | 'terminate' | 'terminate-twice', { readonly lot: number }>
  | { readonly kind: 'restart-database'; readonly mode: 'fast' | 'immediate' }
  | Kinds<'end-sessions' | 'cut-database' | 'cut-requests', { readonly share: number; readonly lot: number }>
  | Kinds<'vendor-down' | 'vendor-up', { readonly vendor: 0 | 1 }>
  | { readonly kind: 'bad-answers'; readonly vendor: 0 | 1; readonly answer: VendorFault; readonly times: number }
  | {
      readonly kind: 'bad-reads';
      readonly vendor: 0 | 1;
      readonly read: { status: 503 } | 'cut';
      readonly times: number;
    }
  | { readonly kind: 'provider-limit'; readonly vendor: 0 | 1; readonly limit: number }
  | Kinds<'resume-providers' | 'pause-queue' | 'resume-queue', unknown>
  | {
      readonly kind: 'user-limits';
      readonly user: number;
      readonly calls: number | null;
      readonly minutes: number | null;
    }
  | { readonly kind: 'plan'; readonly user: number; readonly slug: (typeof PLANS)[number] };

export interface VendorFault {
  readonly kind: string;
  readonly status?: number;
}

/** The storm goes on step by step: a step's events happen while its calls are queued. */
export interface Step {
  readonly calls: readonly PlannedCall[];
  readonly events: readonly StormEvent[];
}

/** So many steps meet every kind of event. */
const STEPS_PER_ROUND = 20;
const PLANS = ['free', 'free', 'basic', 'business', 'enterprise'] as const;

const BAD_ANSWERS: readonly VendorFault[] = [
  { kind: 'error-before', status: 500 },
  { kind: 'error-after', status: 503 },
  { kind: 'lost-answer' },
  { kind: 'account', status: 401 },
  { kind: 'rate-limit' },
  { kind: 'over-limit' },
];

/** The same steps for a seed and a size. */
export function planStorm(seed: number, size: StormSize): readonly Step[] {
  const random = seededRandom(seed);
  const everyNumber = numbers(size.calls);
  const count = Math.ceil(size.calls / size.callsPerStep);
  const events = drawEvents(random, count, size);
  return events.map((ofStep, step) => {
    const mine = everyNumber.slice(step * size.callsPerStep, (step + 1) * size.callsPerStep);
    return { calls: mine.map((number) => drawCall(random, number, size.users)), events: ofStep };
  });
}

function drawEvents(random: Random, steps: number, size: StormSize): readonly (readonly StormEvent[])[] {
  const drawn: StormEvent[][] = Array.from({ length: steps }, () => []);
  for (let first = 0; first < steps; first += STEPS_PER_ROUND) {
    for (const [begin, end] of drawRound(random, size)) {
      const at = first + Math.floor(random() * Math.min(STEPS_PER_ROUND, steps - first));
      drawn[at]?.push(begin);
      if (end) drawn[Math.min(at + 1 + Math.floor(random() * 2), steps - 1)]?.push(end);
    }
  }
  return drawn;
}

type Span = readonly [begin: StormEvent, end?: StormEvent];

/** Every kind of event, some more than once; what lasts comes with its end. */
function drawRound(random: Random, size: StormSize): readonly Span[] {
  const times = <T>(count: number, draw: () => T) => Array.from({ length: count }, draw);
  const single = (event: StormEvent): Span => [event];
  const vendor = () => (random() < 0.6 ? 0 : 1);
  const cut = (kind: 'end-sessions' | 'cut-database' | 'cut-requests') => () =>
    single({ kind, share: 0.2 + random() * 0.8, lot: random() });
  return [
    ...(['kill', 'kill-at-point', 'kill-at-point', 'terminate', 'terminate-twice'] as const).map((kind) =>
      single({ kind, lot: random() }),
    ),
    ...(['fast', 'immediate'] as const).map((mode) => single({ kind: 'restart-database', mode })),
    ...times(2, cut('end-sessions')),
    ...times(3, cut('cut-database')),
    ...times(2, cut('cut-requests')),
    ...([0, 1] as const).map((one): Span => [
      { kind: 'vendor-down', vendor: one },
      { kind: 'vendor-up', vendor: one },
    ]),
    ...BAD_ANSWERS.map((answer) =>
      single({ kind: 'bad-answers', vendor: vendor(), answer, times: 1 + Math.floor(random() * 4) }),
    ),
    ...([{ status: 503 }, 'cut'] as const).map((read) =>
      single({ kind: 'bad-reads', vendor: vendor(), read, times: 1 + Math.floor(random() * 6) }),
    ),
    ...times(4, () => drawProviderLimit(random, vendor(), size)),
    ...times(4, () => single(drawUserLimits(random, size))),
    ...times(6, () => single({ kind: 'plan', user: Math.floor(random() * size.users), slug: pickPlan(random) })),
    ...times(4, () => single({ kind: 'resume-providers' })),
    [{ kind: 'pause-queue' }, { kind: 'resume-queue' }],
  ];
}

/** Down to anything, and back after a while: the calls above it go on, and no new one is let in. */
function drawProviderLimit(random: Random, vendor: 0 | 1, { caps }: StormSize): Span {
  const most = caps[vendor];
  return [
    { kind: 'provider-limit', vendor, limit: Math.floor(random() * most) },
    { kind: 'provider-limit', vendor, limit: 1 + Math.floor(random() * most) },
  ];
}

/** Around what a user's calls would need, so that some are refused. */
function drawUserLimits(random: Random, { calls, users }: StormSize): StormEvent {
  const share = calls / users;
  return {
    kind: 'user-limits',
    user: Math.floor(random() * users),
    calls: random() < 0.3 ? null : Math.floor(random() * share * 1.2),
    minutes: random() < 0.3 ? null : Math.floor(random() * share * 2),
  };
}

function pickPlan(random: Random): (typeof PLANS)[number] {
  return pick(
    random,
    PLANS.map((slug) => [1, slug] as const),
  );
}

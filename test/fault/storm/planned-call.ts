import { pick, type Random } from '../../../sandbox/kit/random';
import type { AnyOrder } from './vendor-records';

/** One call of the storm. No two have the same number, so dials can be told apart. */
export interface PlannedCall {
  readonly number: string;
  readonly user: number;
  /** How it comes into the queue: alone or in a batch through the API, or as a row, as from the Data API. */
  readonly way: 'single' | 'batch' | 'row';
  /** Whether the request that queues it is sent twice, with the same Idempotency-Key. */
  readonly isRepeated: boolean;
  /** Who scheduled it for later cancels it while it waits; who lets it be held cancels it while it is talked. */
  readonly cancel: 'never' | 'at once' | 'scheduled' | 'held';
  /** What goes wrong at the vendors when this number is called: it happens once, or once at each of them. */
  readonly faults: readonly { readonly vendor: 0 | 1; readonly order: AnyOrder }[];
}

type Fault = Pick<AnyOrder, 'answer' | 'webhooks' | 'call'>;

const answer = (kind: string, more: object = {}): Fault => ({ answer: { kind, ...more } });
const webhooks = (mode: NonNullable<AnyOrder['webhooks']>['mode'], delayMs?: number): Fault => ({
  webhooks: { mode, ...(delayMs !== undefined && { delayMs }) },
});

/** Made, and ended by the vendor before it rings, for a reason that another attempt can avoid. In each vendor's words. */
const endedAtOnce = (...reasons: readonly [first: string, second: string]) =>
  reasons.map((endedReason): Fault => ({ call: { endsAtOnce: true, endedReason } }));

/** Half of the calls have a vendor without faults. Two faults: one for each vendor. */
const FAULTS: readonly (readonly [weight: number, fault: Fault | readonly Fault[] | undefined])[] = [
  [50, undefined],
  [3, answer('error-before', { status: 500 })],
  [3, answer('error-before', { status: 503 })],
  [3, answer('error-after', { status: 500 })],
  [3, answer('lost-answer')],
  [2, answer('cut-before')],
  [1, answer('hang-before')],
  [1, answer('hang-after')],
  [2, answer('slow-answer', { delayMs: 700 })],
  [1, answer('no-id')],
  [1, answer('empty-answer')],
  [2, answer('rate-limit')],
  [2, answer('over-limit')],
  [1, answer('account', { status: 402 })],
  [1, answer('line', { reason: 'missing' })],
  [2, answer('bad-destination')],
  [5, webhooks('lost')],
  [5, webhooks('repeated')],
  [4, webhooks('reordered')],
  [4, webhooks('late', 1_500)],
  [3, webhooks('early')],
  [2, endedAtOnce('call.start.error-subscription-concurrency-limit-reached', 'concurrency_limit_reached')],
  [1, endedAtOnce('call.start.error-get-phone-number', 'telephony_provider_permission_denied')],
  // What nobody answers and nobody tells of, and what is told before it is answered.
  [2, { ...answer('lost-answer'), ...webhooks('lost') }],
  [2, { ...answer('error-after', { status: 503 }), ...webhooks('late', 2_500) }],
];

export function drawCall(random: Random, number: string, users: number): PlannedCall {
  const cancel = pick(random, [
    [88, 'never'],
    [5, 'at once'],
    [3, 'scheduled'],
    [4, 'held'],
  ] as const);
  const drawn = pick(random, FAULTS);
  const vendor = random() < 0.65 ? 0 : 1;
  const fault = Array.isArray(drawn) ? (drawn as readonly Fault[])[vendor] : (drawn as Fault | undefined);
  return {
    number,
    user: Math.floor(random() * users),
    way: pick(random, [
      [25, 'single'],
      [50, 'batch'],
      [25, 'row'],
    ] as const),
    isRepeated: random() < 0.15,
    cancel,
    faults: [
      ...(fault ? [{ vendor, order: { number, ...fault } } as const] : []),
      ...(cancel === 'held' ? heldAt(number) : []),
    ],
  };
}

/** Whichever vendor gets it. */
function heldAt(number: string): PlannedCall['faults'] {
  const order: AnyOrder = { number, call: { holdsWhile: 'in-progress' } };
  return [
    { vendor: 0, order },
    { vendor: 1, order },
  ];
}

import type Stripe from 'stripe';

/** Where a subscription notes the cancellation that was taken back for a change: `<unix time>#<end>#<free_follows>`. */
export const TAKEN_BACK = 'taken_back';
const WITH_THE_PERIOD = 'period';

/** A cancellation that was taken back so that another plan could be planned, which has not come about yet. */
export interface TakenBack {
  readonly at: Date;
  /** Unix time of its end; null = with the period. */
  readonly cancelAt: number | null;
  readonly freeFollows: string;
}

export function noteTakenBack({ cancel_at_period_end, cancel_at, metadata }: Stripe.Subscription): string {
  const end = cancel_at_period_end || cancel_at === null ? WITH_THE_PERIOD : String(cancel_at);
  return [Math.floor(Date.now() / 1_000), end, metadata['free_follows'] ?? ''].join('#');
}

/** Undefined where nothing was taken back, or somebody wrote something else there by hand. */
export function takenBack({ metadata }: Pick<Stripe.Subscription, 'metadata'>): TakenBack | undefined {
  const [time, end, freeFollows] = (metadata[TAKEN_BACK] ?? '').split('#');
  const at = new Date(Number(time || undefined) * 1_000);
  const cancelAt = end === WITH_THE_PERIOD ? null : Number(end);
  if (Number.isNaN(at.getTime()) || Number.isNaN(cancelAt)) return undefined;
  return { at, cancelAt, freeFollows: freeFollows ?? '' };
}

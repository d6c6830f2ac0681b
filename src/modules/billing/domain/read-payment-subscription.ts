import { isOver, type PaidSubscription, type Standing, standingOf } from './paid-subscription';
import type { PaymentItem, PaymentSubscription } from './payment-subscription';
import { monthFrom, type Period } from './period';
import type { Plan } from './plan';
import type { SubscriptionStatus } from './subscription';

/** What we sell, and how long an owed invoice keeps it. */
export interface Terms {
  /** By the payment side's price, earlier prices included. */
  readonly plans: ReadonlyMap<string, Plan>;
  readonly freePlanId: string;
  /** In milliseconds. */
  readonly graceMs: number;
}

/** A subscription in our words, and how good its claim is to be its user's live one. */
export interface Reading {
  readonly source: PaymentSubscription;
  readonly standing: Standing;
  /** As it is recorded when it is the live one (or when it is not live at all). */
  readonly record: PaidSubscription;
  /** The lower, the better; null = it cannot be the live one. */
  readonly rank: number | null;
}

/** `reading` is undefined for what we neither sell nor have recorded: it grants nothing, whatever it is. */
export interface Read {
  readonly reading: Reading | undefined;
  /** What a person should look at. */
  readonly alerts: readonly string[];
}

const RANKS: Readonly<Record<Standing, number | null>> = {
  running: 0,
  owing: 1,
  withheld: 2,
  unbegun: null,
  expired: null,
  ended: null,
  unknown: null,
};
const STATUSES: Readonly<Record<Exclude<Standing, 'running' | 'unknown'>, SubscriptionStatus>> = {
  owing: 'past_due',
  withheld: 'past_due',
  unbegun: 'canceled',
  expired: 'canceled',
  ended: 'canceled',
};
/**
 * How long a plan outlasts the end of the last period that the payment side has told of. A renewal is told within hours,
 * and events are repeated for three days; after a week nobody may be asked any more, and nobody pays.
 */
export const UNCONFIRMED_DAYS = 7;
const DAY_MS = 86_400_000;
/** What is only kept because nobody understands its news comes after what is understood. */
const KEPT_RANK = 0.5;

/** Puts a subscription into our words. `recorded` is what we have of it. */
export function readPaymentSubscription(
  source: PaymentSubscription,
  recorded: PaidSubscription | undefined,
  terms: Terms,
): Read {
  const standing = standingOf(source.rawStatus);
  if (standing === 'unknown') return readUnknown(source, recorded, terms);
  const alerts = soldItem(source, terms) ? [] : unknownPrice(source);
  const sold = findSold(source, recorded, terms);
  if (!sold) return { reading: undefined, alerts };
  const reading = { source, standing, record: toRecord(source, { ...sold, standing }, terms), rank: RANKS[standing] };
  return { reading, alerts: [...alerts, ...unknownNextPrice(source, terms)] };
}

/** Whether the payment side takes money for it. */
export function isPaidFor({ standing }: Reading): boolean {
  return standing === 'running' || standing === 'owing';
}

interface Understood {
  readonly planId: string;
  readonly period: Period;
  readonly standing: Exclude<Standing, 'unknown'>;
}

function toRecord(
  source: PaymentSubscription,
  { planId, period, standing }: Understood,
  terms: Terms,
): PaidSubscription {
  const status = standing === 'running' ? runningStatus(source) : STATUSES[standing];
  const isLive = status !== 'canceled';
  return {
    paymentId: source.id,
    planId,
    status,
    rawStatus: source.rawStatus,
    period,
    grantsUntil: isLive ? grantsUntil(source, { period, standing }, terms) : null,
    nextPlanId: isLive ? nextPlanId(source, terms) : null,
    owedSince: isLive ? source.owedSince : null,
    cancelAtPeriodEnd: isLive && source.endsAt !== null,
    paymentMethod: source.paymentMethod,
  };
}

function runningStatus({ rawStatus }: PaymentSubscription): SubscriptionStatus {
  return rawStatus === 'trialing' ? 'trialing' : 'active';
}

function grantsUntil(
  { owedSince, endsAt }: PaymentSubscription,
  { period, standing }: Pick<Understood, 'period' | 'standing'>,
  { graceMs }: Terms,
): Date | null {
  if (standing === 'withheld') return period.start;
  if (standing === 'owing') return earlier(endsAt, after(owedSince ?? period.start, graceMs));
  return earlier(endsAt, after(period.end, UNCONFIRMED_DAYS * DAY_MS));
}

function after(moment: Date, ms: number): Date {
  return new Date(moment.getTime() + ms);
}

function earlier(moment: Date | null, limit: Date): Date {
  return moment !== null && moment < limit ? moment : limit;
}

function nextPlanId({ endsAt, freeFollows, nextPriceId }: PaymentSubscription, terms: Terms): string | null {
  if (endsAt !== null) return freeFollows ? terms.freePlanId : null;
  return nextPriceId === null ? null : (terms.plans.get(nextPriceId)?.id ?? null);
}

/** The record stays as it is but for the word; what is new and not understood grants nothing. */
function readUnknown(source: PaymentSubscription, recorded: PaidSubscription | undefined, terms: Terms): Read {
  const alert =
    `The payment side calls subscription ${source.id} "${source.rawStatus}", which this version does not know. ` +
    'What it grants stays as it is until an update tells what the word means.';
  if (recorded) {
    const record = { ...recorded, rawStatus: source.rawStatus };
    return { reading: { source, standing: 'unknown', record, rank: keptRank(recorded) }, alerts: [alert] };
  }
  const { reading, alerts } = readPaymentSubscription({ ...source, rawStatus: 'incomplete' }, undefined, terms);
  if (!reading) return { reading, alerts };
  const record = { ...reading.record, rawStatus: source.rawStatus };
  return { reading: { source, standing: 'unknown', record, rank: null }, alerts: [alert, ...alerts] };
}

function keptRank({ status }: PaidSubscription): number | null {
  if (status === 'canceled') return null;
  return (status === 'past_due' ? 1 : 0) + KEPT_RANK;
}

/** The plan, and the period that is paid for it: by the price, or as recorded when the price is none of ours. */
function findSold(
  source: PaymentSubscription,
  recorded: PaidSubscription | undefined,
  terms: Terms,
): Pick<Understood, 'planId' | 'period'> | undefined {
  const item = soldItem(source, terms);
  const plan = item && terms.plans.get(item.priceId);
  if (plan) return { planId: plan.id, period: sound(item.period) };
  const period = wholePeriod(source.items) ?? recorded?.period;
  return recorded && period && { planId: recorded.planId, period: sound(period) };
}

function soldItem({ items }: PaymentSubscription, { plans }: Terms): PaymentItem | undefined {
  return items.find(({ priceId }) => plans.has(priceId));
}

/** Of several items that we don't sell, from the first start to the last end. */
function wholePeriod(items: readonly PaymentItem[]): Period | undefined {
  if (items.length === 0) return undefined;
  const starts = items.map(({ period }) => period.start.getTime());
  const ends = items.map(({ period }) => period.end.getTime());
  return { start: new Date(Math.min(...starts)), end: new Date(Math.max(...ends)) };
}

/** A period that ends where it starts, as one that is ended at once may have, cannot be recorded. */
function sound(period: Period): Period {
  return period.end > period.start ? period : monthFrom(period.start);
}

/** One that is over is not worth a word: it may have been for something else. */
function unknownPrice(source: PaymentSubscription): readonly string[] {
  if (isOver(source)) return [];
  const prices = source.items.map(({ priceId }) => priceId).join(', ') || 'none';
  return [
    `Subscription ${source.id} carries no price that belongs to a plan (${prices}). ` +
      'Add the price to plan_prices, or change the subscription at the payment side.',
  ];
}

function unknownNextPrice({ id, endsAt, nextPriceId }: PaymentSubscription, { plans }: Terms): readonly string[] {
  if (endsAt !== null || nextPriceId === null || plans.has(nextPriceId)) return [];
  return [`Subscription ${id} is to change to price ${nextPriceId}, which belongs to no plan. Add it to plan_prices.`];
}

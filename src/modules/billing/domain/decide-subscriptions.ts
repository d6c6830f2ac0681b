import { differences } from '../../../shared/kernel/snapshot';
import { isOver, type PaidSubscription } from './paid-subscription';
import type { PaymentSubscription } from './payment-subscription';
import { isPaidFor, type Reading, readPaymentSubscription, type Terms } from './read-payment-subscription';

/** Everything that is known about one user's subscriptions at one moment. */
export interface PaymentFacts {
  /** All that the payment side has, in any order. */
  readonly subscriptions: readonly PaymentSubscription[];
  /** Whether the customer is gone at the payment side. */
  readonly isDeleted: boolean;
  /** All paid ones that we have recorded, in any order. */
  readonly recorded: readonly PaidSubscription[];
  /** Since when the user has a live subscription that nobody pays for; null without one. */
  readonly unpaidSince: Date | null;
  readonly terms: Terms;
}

export interface Decision {
  /** Whether anything is to be written. */
  readonly isNews: boolean;
  /** What to record, at most one of them live. */
  readonly records: readonly PaidSubscription[];
  /** What becomes of the subscription that nobody pays for: the free plan. */
  readonly free: 'stays-as-it-is' | 'starts' | 'ends';
  /** Those that are paid for beside the live one: to be ended at the payment side. */
  readonly surplusIds: readonly string[];
  readonly hasHadTrial: boolean;
  /** What a person should look at. */
  readonly alerts: readonly string[];
}

/** Behind every rank. */
const NO_CLAIM = 9;

/**
 * Decides what the payment side's state means for a user. It depends on that state and on what was recorded before,
 * never on what happened in between or in which order it was heard of.
 *
 * One paid subscription is the live one: running before owing before withheld, then the oldest. It takes the free
 * plan's place. When none is left, the one that ended last decides what follows: the free plan if it was chosen or if
 * the payment failed, otherwise nothing. One that began and ended unheard of counts as well.
 */
export function decideSubscriptions(facts: PaymentFacts): Decision {
  const read = facts.subscriptions.map((source) =>
    readPaymentSubscription(source, recordOf(facts.recorded, source.id), facts.terms),
  );
  const readings = read.flatMap(({ reading }) => reading ?? []).sort(byClaim);
  const missing = decideMissing(facts);
  const chosen = readings.find(({ rank }) => rank !== null);
  const live = chosen?.record ?? missing.live;
  const surplus = readings.filter((reading) => reading !== chosen && isPaidFor(reading));
  const records = [
    ...readings.map((reading) => (reading === chosen ? reading.record : retired(reading.record))),
    ...missing.records.map((record) => (record === live ? record : retired(record))),
  ];
  const free = live ? replaceFree(facts) : decideFree(facts, readings);
  return {
    isNews: free !== 'stays-as-it-is' || records.some((record) => differs(record, facts.recorded)),
    records,
    free,
    surplusIds: surplus.map(({ source }) => source.id),
    hasHadTrial: readings.some(({ source }) => source.trialStart !== null),
    alerts: [...read.flatMap(({ alerts }) => alerts), ...surplusAlerts(surplus, live), ...missing.alerts].sort(),
  };
}

function replaceFree({ unpaidSince }: PaymentFacts): Decision['free'] {
  return unpaidSince === null ? 'stays-as-it-is' : 'ends';
}

function differs(record: PaidSubscription, recorded: readonly PaidSubscription[]): boolean {
  const known = recordOf(recorded, record.paymentId);
  return known === undefined || differences({ ...known }, { ...record }) !== undefined;
}

function recordOf(recorded: readonly PaidSubscription[], paymentId: string): PaidSubscription | undefined {
  return recorded.find((record) => record.paymentId === paymentId);
}

function byClaim(a: Reading, b: Reading): number {
  return (
    (a.rank ?? NO_CLAIM) - (b.rank ?? NO_CLAIM) ||
    a.source.createdAt.getTime() - b.source.createdAt.getTime() ||
    compareText(a.source.id, b.source.id)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

interface Missing {
  readonly records: readonly PaidSubscription[];
  readonly live: PaidSubscription | undefined;
  readonly alerts: readonly string[];
}

/** What we recorded and the payment side no longer has: ended if the customer is gone, otherwise a riddle. */
function decideMissing({ subscriptions, recorded, isDeleted }: PaymentFacts): Missing {
  const known = new Set(subscriptions.map(({ id }) => id));
  const missing = recorded.filter((record) => !known.has(record.paymentId) && !isOver(record)).sort(byId);
  if (isDeleted) {
    return {
      records: missing.map((record) => ({ ...retired(record), rawStatus: 'canceled' })),
      live: undefined,
      alerts: [],
    };
  }
  const alerts = missing.map(
    ({ paymentId }) =>
      `The payment side does not know subscription ${paymentId}, which we have recorded. It stays as it is: ` +
      'look whether the service uses the right account.',
  );
  return { records: missing, live: missing.find(({ status }) => status !== 'canceled'), alerts };
}

function byId(a: PaidSubscription, b: PaidSubscription): number {
  return compareText(a.paymentId, b.paymentId);
}

/** Not live: it grants nothing, and nothing of it is to come. */
function retired(record: PaidSubscription): PaidSubscription {
  if (record.status === 'canceled') return record;
  return {
    ...record,
    status: 'canceled',
    grantsUntil: null,
    nextPlanId: null,
    owedSince: null,
    cancelAtPeriodEnd: false,
  };
}

/** Without a paid one: what the one that ended last leaves behind, if its end is news. */
function decideFree({ recorded, unpaidSince }: PaymentFacts, readings: readonly Reading[]): Decision['free'] {
  const isNews = ({ source }: Reading): boolean => !isOver(recordOf(recorded, source.id) ?? { rawStatus: null });
  const ended = readings.filter((reading) => reading.standing === 'ended' && isNews(reading));
  const last = ended.map(({ source }) => source).sort(byEnd)[0];
  if (!last) return 'stays-as-it-is';
  if (leavesFree(last)) return unpaidSince === null ? 'starts' : 'stays-as-it-is';
  const tookItsPlace = unpaidSince !== null && (last.endsAt === null || last.endsAt > unpaidSince);
  return tookItsPlace ? 'ends' : 'stays-as-it-is';
}

/** Who did not want to lose the plan, or chose the free one, is not left without any. */
function leavesFree({ freeFollows, endReason }: PaymentSubscription): boolean {
  return freeFollows || endReason === 'payment-failed' || endReason === 'disputed';
}

/** The one that ended last first. */
function byEnd(a: PaymentSubscription, b: PaymentSubscription): number {
  const endOf = ({ endsAt, createdAt }: PaymentSubscription) => (endsAt ?? createdAt).getTime();
  return endOf(b) - endOf(a) || b.createdAt.getTime() - a.createdAt.getTime() || compareText(b.id, a.id);
}

function surplusAlerts(surplus: readonly Reading[], live: PaidSubscription | undefined): readonly string[] {
  return surplus.map(
    ({ source }) =>
      `Subscription ${source.id} of customer ${source.customerId} is paid for beside ${live?.paymentId ?? 'none'}. ` +
      'It is ended and what is unused credited: consider a refund.',
  );
}

import type { CallProgress, CallReport, Refusal } from '../../providers/public/call-provider.port';
import type { Outcome } from '../../providers/public/outcome';
import type { Usage } from '../public/call-ended.event';
import { afterRefusal } from './after-refusal';
import type { AttemptState } from './attempt';
import type { CallStatus } from './call-status';
import { wholeMinutes } from './minutes';

/** An attempt as it stands when the vendor tells something about it. */
export interface AttemptStanding {
  readonly state: AttemptState;
  readonly progress: CallProgress | null;
  readonly providerCallId: string | null;
  /** How it ended; null before. */
  readonly outcome: Outcome | null;
  readonly isSettled: boolean;
  readonly call: {
    readonly status: CallStatus;
    readonly failureCode: string | null;
    readonly isCancelRequested: boolean;
    /** Whether an emergency stop has ordered the attempt to be hung up. */
    readonly isHangUpOrdered: boolean;
    /** Earlier attempts of the call that ended before ringing because of our number, or of the account. */
    readonly lineRefusals: number;
    readonly accountRefusals: number;
    /** Whether another attempt of the same call is under way. */
    readonly hasOtherOpenAttempt: boolean;
    /** Whether a vendor has accepted another attempt of the same call. */
    readonly hasOtherPlacedAttempt: boolean;
  };
}

/**
 * What a report is to its attempt. `known`: the accepted attempt goes on · `adopt`: it proves a placement whose
 * answer is missing · `late`: it proves one that had been given up, and the call can still follow it · `book`: it
 * proves one that had been given up, but the call has gone another way: it is only written down and charged ·
 * `over`: the attempt has ended before.
 */
export type Relation = 'known' | 'adopt' | 'late' | 'book' | 'over';

export interface AttemptEnd {
  readonly outcome: Outcome;
  /** `queued`: the vendor ended it before it rang, for a reason that another attempt can avoid. */
  readonly callStatus: 'completed' | 'failed' | 'canceled' | 'queued';
  readonly usage: Usage;
}

export interface Advance {
  readonly relation: Relation;
  readonly progress: CallProgress;
  /** Present when the report ends the attempt. */
  readonly end?: AttemptEnd;
  /** Present when an attempt that ended without its connected time gets it now. */
  readonly measuredMinutes?: number;
  /** Present when an ended attempt turns out to have ended in another way; its call's state stays. */
  readonly correctedOutcome?: Outcome;
}

const RANK: Readonly<Record<CallProgress, number>> = { queued: 0, ringing: 1, 'in-progress': 2, ended: 3 };
const ANSWERED: readonly Outcome[] = ['completed', 'voicemail', 'no_conversation'];
/** What a vendor may take a machine for until it has listened to the recording. */
const CONVERSATIONS: readonly Outcome[] = ['completed', 'no_conversation'];
const NEVER_RANG: readonly Outcome[] = ['capacity', 'account', 'line', 'config'];

/** Whether somebody has asked to end the call: its user, or an emergency stop. */
export function isUnwanted(call: AttemptStanding['call']): boolean {
  return call.isCancelRequested || call.isHangUpOrdered;
}

/** Whether someone or something answered. */
export function isAnswered(outcome: Outcome): boolean {
  return ANSWERED.includes(outcome);
}

/**
 * The refusal that an accepted call's end before ringing amounts to; undefined for any other end.
 * Such a call is treated as if the vendor had refused it at once.
 */
export function asRefusal(outcome: Outcome | undefined): Refusal | undefined {
  if (outcome === 'capacity') return 'concurrency';
  if (outcome === 'account') return 'account';
  if (outcome === 'line') return 'line';
  return undefined;
}

/**
 * Decides what a report changes. Pure and independent of how often or in which order reports come: progress never
 * goes back, and an attempt ends once.
 */
export function advanceAttempt(attempt: AttemptStanding, report: CallReport): Advance {
  const relation = relationOf(attempt);
  const progress = furthest(attempt.progress, report.progress);
  if (report.progress !== 'ended') return { relation, progress };
  if (relation === 'over') return { relation, progress, ...measured(attempt, report), ...corrected(attempt, report) };
  const outcome = report.outcome ?? 'unknown';
  const rang = hasRung(attempt, report);
  return {
    relation,
    progress,
    end: { outcome, callStatus: statusAfter(attempt, outcome, rang), usage: usageOf(report, outcome, rang) },
  };
}

function relationOf(attempt: AttemptStanding): Relation {
  const { state, progress, providerCallId, call } = attempt;
  if (state === 'placed') return 'known';
  if (state === 'placing' || state === 'unknown') return 'adopt';
  if (providerCallId !== null && progress === 'ended') return 'over';
  if (call.hasOtherOpenAttempt) return 'book';
  return canFollow(attempt) ? 'late' : 'book';
}

/** Whether nothing else has become of the call since the attempt was given up. */
function canFollow({ providerCallId, call }: AttemptStanding): boolean {
  if (call.status === 'failed') return call.failureCode === 'placement_unknown';
  return call.status === 'queued' || (providerCallId === null && endedUnplaced(call));
}

/**
 * Canceled while nobody knew of any placement. It comes back until it is hung up: only a call under way is asked about,
 * is hung up again where the vendor does not follow, and keeps its user from being erased meanwhile.
 */
function endedUnplaced({ status, isCancelRequested, hasOtherPlacedAttempt }: AttemptStanding['call']): boolean {
  return status === 'canceled' && isCancelRequested && !hasOtherPlacedAttempt;
}

function furthest(known: CallProgress | null, told: CallProgress): CallProgress {
  return known !== null && RANK[known] > RANK[told] ? known : told;
}

/** Once a phone may have rung, the call must not be repeated, whatever the vendor calls its end. */
function hasRung(attempt: AttemptStanding, report: CallReport): boolean {
  const before = attempt.progress !== null && RANK[attempt.progress] > RANK.queued;
  return before || report.startedAt !== undefined || (report.durationSeconds ?? 0) > 0;
}

function statusAfter(attempt: AttemptStanding, outcome: Outcome, rang: boolean): AttemptEnd['callStatus'] {
  if (attempt.call.isCancelRequested) return 'canceled';
  const refusal = asRefusal(outcome);
  if (refusal && !rang) return afterRefusal(refusal, attempt.call).status;
  if (attempt.call.isHangUpOrdered) return 'canceled';
  return isAnswered(outcome) ? 'completed' : 'failed';
}

function usageOf(report: CallReport, outcome: Outcome, rang: boolean): Usage {
  if (!rang && (NEVER_RANG.includes(outcome) || outcome === 'provider_error' || outcome === 'canceled'))
    return { kind: 'nothing' };
  if (report.durationSeconds !== undefined) return { kind: 'one-call', minutes: wholeMinutes(report.durationSeconds) };
  return rang || isAnswered(outcome) || outcome === 'unknown' ? { kind: 'later' } : { kind: 'one-call', minutes: 0 };
}

function measured(attempt: AttemptStanding, report: CallReport): { measuredMinutes?: number } {
  if (attempt.isSettled || report.durationSeconds === undefined) return {};
  return { measuredMinutes: wholeMinutes(report.durationSeconds) };
}

/** A machine that is found out late: nothing leads back from there, so the order of reports does not matter. */
function corrected({ outcome }: AttemptStanding, report: CallReport): { correctedOutcome?: Outcome } {
  const wasMistaken = outcome !== null && CONVERSATIONS.includes(outcome);
  return wasMistaken && report.outcome === 'voicemail' ? { correctedOutcome: 'voicemail' } : {};
}

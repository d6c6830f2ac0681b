import type { CallReport } from '../../providers/public/call-provider.port';
import { type Advance, isUnwanted } from '../domain/advance-attempt';
import { CallEnded } from '../public/call-ended.event';
import { CallMeasured } from '../public/call-measured.event';
import { CallOutcomeCorrected } from '../public/call-outcome-corrected.event';
import { CallPlaced } from '../public/call-placed.event';
import { CallReported } from '../public/call-reported.event';
import type { AttemptChanges } from './attempt-changes';
import { SecondCallSuspected } from './observed-facts';
import type { AttemptChange, CallChange, LockedAttempt } from './ports/attempts.port';

/** What a report does to an attempt. */
export interface AttemptAdvance {
  readonly attempt: LockedAttempt;
  readonly report: CallReport;
  readonly advance: Advance;
}

/** Pure: the attempt's and the call's new state, and what the others hear of it. */
export function changesOfAdvance({ attempt, report, advance }: AttemptAdvance): AttemptChanges {
  const { measuredMinutes, correctedOutcome } = advance;
  const call = { ...acceptedCall(attempt, report, advance), ...endedCall(advance) };
  const becomes = reservationAfter(advance);
  return {
    ...(advance.relation === 'over' && measuredMinutes === undefined && correctedOutcome === undefined
      ? {}
      : { attempt: { id: attempt.id, ...attemptChange(report, advance) } }),
    ...(call.status === undefined ? {} : { call: { ...call, id: attempt.callQueueId, status: call.status } }),
    ...(becomes ? { reservation: { attemptId: attempt.id, becomes } } : {}),
    events: eventsOf({ attempt, report, advance }),
  };
}

function reservationAfter({ end, measuredMinutes }: Advance) {
  if (measuredMinutes !== undefined) return 'measured';
  if (end?.usage.kind === 'nothing') return 'unused';
  return end?.usage.kind === 'one-call' ? 'used' : undefined;
}

function attemptChange({ providerCallId }: CallReport, advance: Advance): Omit<AttemptChange, 'id'> {
  const { relation, progress, end, measuredMinutes, correctedOutcome } = advance;
  const isProven = relation === 'adopt' || relation === 'late';
  return {
    ...(relation === 'over' ? {} : { progress, isNews: true as const }),
    ...(relation === 'book' || isProven ? { providerCallId } : {}),
    ...(isProven ? { state: 'placed' as const, isSettled: false, isAccepted: true as const } : {}),
    ...(end ? { state: 'ended' as const, outcome: end.outcome, isSettled: end.usage.kind !== 'later' } : {}),
    ...(measuredMinutes === undefined ? {} : { isSettled: true }),
    ...(correctedOutcome === undefined ? {} : { outcome: correctedOutcome }),
  };
}

/** An attempt that only this report proves takes its call along. */
function acceptedCall(attempt: LockedAttempt, report: CallReport, { relation }: Advance): Partial<CallChange> {
  if (relation !== 'adopt' && relation !== 'late') return {};
  const { providerId } = attempt;
  return { status: 'in-progress', providerId, providerCallId: report.providerCallId, failure: null };
}

/** The call of an attempt that is only booked has gone another way. */
function endedCall({ relation, end }: Advance): Partial<CallChange> {
  if (!end || relation === 'book') return {};
  const { outcome, callStatus: status } = end;
  if (status !== 'failed') return { status, failure: null };
  return { status, failure: { code: outcome, detail: `The call ended: ${outcome.replaceAll('_', ' ')}.` } };
}

function eventsOf({ attempt, report, advance }: AttemptAdvance): readonly object[] {
  const { relation, end, measuredMinutes, correctedOutcome } = advance;
  const isNew = relation === 'adopt' || relation === 'late' || relation === 'book';
  const { id, call } = attempt;
  return [
    ...(isNew ? [new CallPlaced(attempt, report.providerCallId, isUnwanted(call))] : []),
    new CallReported(id, report),
    ...(end ? [new CallEnded(attempt, end.outcome, end.usage)] : []),
    ...(measuredMinutes === undefined ? [] : [new CallMeasured(attempt, measuredMinutes)]),
    ...(correctedOutcome === undefined ? [] : [new CallOutcomeCorrected(id, correctedOutcome)]),
    ...(wentOnWithout({ attempt, advance }) ? [new SecondCallSuspected(attempt, wentOn(report))] : []),
  ];
}

function wentOn({ providerCallId }: CallReport): string {
  return (
    `The attempt was given up, but the vendor placed it as ${providerCallId} and its call went on without it: ` +
    'the recipient may have been called twice'
  );
}

/** An attempt that was given up turns out to have been placed, after its call has gone another way. */
export function wentOnWithout({ attempt, advance }: Pick<AttemptAdvance, 'attempt' | 'advance'>): boolean {
  return advance.relation === 'book' && attempt.providerCallId === null;
}

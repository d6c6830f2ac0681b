import type { CallReport } from '../../providers/public/call-provider.port';
import type { Advance } from '../domain/advance-attempt';
import { CallEnded } from '../public/call-ended.event';
import { CallMeasured } from '../public/call-measured.event';
import { CallOutcomeCorrected } from '../public/call-outcome-corrected.event';
import { CallPlaced } from '../public/call-placed.event';
import { CallReported } from '../public/call-reported.event';
import { QueuedCallLetGo } from '../public/queued-call-let-go.event';
import type { AttemptChange, CallChange, LockedAttempt } from './ports/attempts.port';

/** What a report does to an attempt. */
export interface AttemptAdvance {
  readonly attempt: LockedAttempt;
  readonly report: CallReport;
  readonly advance: Advance;
}

/** What is written down of it. */
export interface AdvanceChanges {
  readonly attempt?: AttemptChange;
  readonly call?: CallChange;
  /** The attempt, if its reservation is settled or released now. */
  readonly settledAttemptId?: string;
  readonly events: readonly object[];
}

const ORDER = [CallPlaced, CallReported, CallEnded, CallMeasured, CallOutcomeCorrected] as const;

/** Pure: the attempt's and the call's new state, and what the others hear of it. */
export function changesOf({ attempt, report, advance }: AttemptAdvance): AdvanceChanges {
  const { end, measuredMinutes, correctedOutcome } = advance;
  const call = { ...acceptedCall(attempt, report, advance), ...endedCall(advance) };
  const isSettled = measuredMinutes !== undefined || (end !== undefined && end.usage.kind !== 'later');
  return {
    ...(advance.relation === 'over' && measuredMinutes === undefined && correctedOutcome === undefined
      ? {}
      : { attempt: { id: attempt.id, ...attemptChange(report, advance) } }),
    ...(call.status === undefined ? {} : { call: { ...call, id: attempt.callQueueId, status: call.status } }),
    ...(isSettled ? { settledAttemptId: attempt.id } : {}),
    events: eventsOf({ attempt, report, advance }),
  };
}

/** All events, every kind after the one that must come before it for any attempt. */
export function inOrder(locked: readonly LockedAttempt[], changes: readonly AdvanceChanges[]): readonly object[] {
  const letGo = locked.filter(({ call }) => call.status === 'queued');
  const events = changes.flatMap((change) => change.events);
  return [
    ...letGo.map(({ callQueueId }) => new QueuedCallLetGo(callQueueId)),
    ...ORDER.flatMap((type) => events.filter((event) => event instanceof type)),
  ];
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
    ...(isNew ? [new CallPlaced(attempt, report.providerCallId, call.isCancelRequested)] : []),
    new CallReported(id, report),
    ...(end ? [new CallEnded(id, end.outcome, end.usage)] : []),
    ...(measuredMinutes === undefined ? [] : [new CallMeasured(id, measuredMinutes)]),
    ...(correctedOutcome === undefined ? [] : [new CallOutcomeCorrected(id, correctedOutcome)]),
  ];
}

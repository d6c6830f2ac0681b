import type { PlaceResult } from '../../providers/public/call-provider.port';
import { isUnwanted } from '../domain/advance-attempt';
import { afterRefusal } from '../domain/after-refusal';
import { CallPlaced } from '../public/call-placed.event';
import { CallRefused } from '../public/call-refused.event';
import type { AttemptChanges } from './attempt-changes';
import type { LockedAttempt } from './ports/attempts.port';

/** Pure: what a vendor's answer changes about an attempt that waits for it. */
export function changesOfAnswer(attempt: LockedAttempt, result: PlaceResult): AttemptChanges {
  if (result.kind === 'accepted') return accepted(attempt, result.providerCallId);
  if (result.kind === 'refused') return refused(attempt, result);
  return { attempt: { id: attempt.id, state: 'unknown' }, events: [] };
}

/** Whether the attempt's own answer is still missing. */
export function awaitsAnswer({ state }: LockedAttempt): boolean {
  return state === 'placing' || state === 'unknown';
}

/** Whether the attempt stands as the answer says: an earlier try has committed, or a webhook has told the same. */
export function agrees({ state, providerCallId }: LockedAttempt, result: Accepted | Refused): boolean {
  if (result.kind === 'accepted') return providerCallId === result.providerCallId;
  return state === 'refused' && providerCallId === null;
}

function accepted(attempt: LockedAttempt, providerCallId: string): AttemptChanges {
  const { id, callQueueId, call } = attempt;
  return {
    attempt: { id, state: 'placed', progress: 'queued', providerCallId, isAccepted: true, isNews: true },
    call: { id: callQueueId, status: 'in-progress', providerCallId },
    events: [new CallPlaced(attempt, providerCallId, isUnwanted(call))],
  };
}

/** The reservation goes back, and the call returns to its place in the queue or fails, as the refusal's class asks. */
function refused(attempt: LockedAttempt, { refusal, detail }: Refused): AttemptChanges {
  const { id, callQueueId, call } = attempt;
  return {
    attempt: { id, state: 'refused', refusal, refusalDetail: detail, isSettled: true },
    call: { id: callQueueId, ...afterRefusal(refusal, call) },
    reservation: { attemptId: id, becomes: 'refused' },
    events: [new CallRefused(id, refusal)],
  };
}

type Accepted = Extract<PlaceResult, { kind: 'accepted' }>;
type Refused = Extract<PlaceResult, { kind: 'refused' }>;

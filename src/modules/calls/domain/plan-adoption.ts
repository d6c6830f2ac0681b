import type { AttemptState } from './attempt';
import { type CallStatus, isTerminal } from './call-status';

/** A call as a restored database knows it, while a vendor knows one attempt more. */
export interface AdoptableCall {
  readonly id: string;
  /** Null once the user is erased. */
  readonly userId: string | null;
  readonly status: CallStatus;
  /** What its template allows; null without one. */
  readonly maxDurationSeconds: number | null;
  readonly openAttempt: { readonly id: string; readonly state: AttemptState } | null;
  /** Whether the attempt is written down already. */
  readonly hasAttempt: boolean;
  /** Whether a vendor has accepted any of its attempts that are known. */
  readonly wasPlaced: boolean;
}

/** `unknown`: the call follows the attempt · `ended`: it goes another way, the attempt is only written down. */
export type AdoptedState = 'unknown' | 'ended';

export interface AdoptionPlan {
  readonly state: AdoptedState;
  readonly isReserving: boolean;
  /** The attempt that is closed first. */
  readonly givenUpAttemptId: string | null;
}

/**
 * How a lost attempt is written down again. An attempt that still waits for its result had none in the database's other
 * life either, or no later attempt would exist. A call that has ended here, or is under way, is charged for that once.
 */
export function planAdoption(call: Omit<AdoptableCall, 'hasAttempt'>): AdoptionPlan {
  const { userId, status, openAttempt, wasPlaced } = call;
  const hasEnded = isTerminal(status);
  const isUnderWay = openAttempt?.state === 'placed';
  return {
    state: hasEnded || isUnderWay ? 'ended' : 'unknown',
    isReserving: userId !== null && !(wasPlaced && (hasEnded || isUnderWay)),
    givenUpAttemptId: openAttempt && !isUnderWay ? openAttempt.id : null,
  };
}

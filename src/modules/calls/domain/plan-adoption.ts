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
  /** E.164. */
  readonly recipientNumber: string;
  readonly openAttempt: {
    readonly id: string;
    readonly state: AttemptState;
    /** Whether it was made after the mark, so that an instance may just be placing it. */
    readonly isOfNow: boolean;
  } | null;
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
 * life either, or no later attempt would exist; one that was made since is of this life. A call that has ended here, or is under way, is charged for that once.
 */
export function planAdoption(call: Omit<AdoptableCall, 'hasAttempt' | 'recipientNumber'>): AdoptionPlan {
  const { userId, status, openAttempt, wasPlaced } = call;
  const hasEnded = isTerminal(status);
  const isFollowed = openAttempt !== null && isUnderWay(openAttempt);
  return {
    state: hasEnded || isFollowed ? 'ended' : 'unknown',
    isReserving: userId !== null && !isFollowed && !(wasPlaced && hasEnded),
    givenUpAttemptId: openAttempt && !isFollowed ? openAttempt.id : null,
  };
}

function isUnderWay({ state, isOfNow }: NonNullable<AdoptableCall['openAttempt']>): boolean {
  return isOfNow || state === 'placed';
}

import type { Story } from '../../../shared/observability/story';
import type { CallStatus, TerminalStatus } from '../domain/call-status';
import type { AttemptIds } from '../public/attempt-ids';
import type { PlaceResult } from '../../providers/public/call-provider.port';

/*
 * Facts that nobody decides on: they are published for those who count. Where a unit of work is open they are told in
 * it, and count once it has committed.
 */

/** What happens to a call beside the news about its attempts. */
export type CallStepKind =
  | 'call.queued'
  | 'call.retried'
  | 'call.cancel_requested'
  | 'call.canceled'
  | 'call.failed'
  | 'call.undialable'
  | 'attempt.claimed'
  | 'attempt.unsent'
  | 'attempt.given_up';

/** Ids and codes that tell more of a step; never a person's data. */
export interface StepDetails {
  readonly attemptId?: string;
  readonly providerId?: string;
  readonly providerCallId?: string;
  /** The call that repeats this one, or that this one repeats. */
  readonly retryCallId?: string;
  readonly retryOf?: string;
  /** Why the call failed. */
  readonly code?: string;
  readonly reservedMinutes?: number;
  /** What has become of the call, where the step changes it. */
  readonly callStatus?: CallStatus;
}

/** A step in a call's life, for the story of the call in the log. */
export class CallStep {
  constructor(
    readonly kind: CallStepKind,
    readonly callId: string,
    readonly details: StepDetails = {},
  ) {}
}

/** A claim found due calls. */
export class CallsClaimed {
  constructor(readonly calls: number) {}
}

/** A vendor's answer to a placement is recorded. */
export class PlacementAnswered {
  constructor(
    readonly providerId: string,
    readonly result: PlaceResult,
  ) {}
}

/** A call has come to its end. One that proof corrects later ends once more. */
export class CallOver {
  /** @param outcome how its last attempt ended, or why it had none: a failure's code, or `canceled` */
  constructor(
    readonly status: TerminalStatus,
    readonly outcome: string,
  ) {}
}

/** What an ended call has used is charged: whole minutes, and those beyond its reservation, which nobody pays for. */
export class MinutesCharged {
  constructor(
    readonly attempt: AttemptIds,
    readonly minutes: number,
    readonly overrunMinutes: number,
  ) {}
}

/** Something says that a vendor may have dialled one attempt twice, or a call that went on without it. */
export class SecondCallSuspected {
  /** @param sign what says so, as a sentence without its stop */
  constructor(
    readonly attempt: AttemptIds,
    readonly sign: string,
  ) {}
}

/** A vendor reports a call that no attempt of its provider placed: its assistant or number is used by others, too. */
export class StrayReported {
  /** @param story what the report came in */
  constructor(
    readonly providerId: string,
    readonly providerCallId: string,
    readonly story: Story | undefined,
  ) {}
}

/** `unknown_provider`: nobody's · `not_checkable`: our own credentials cannot be read · `failed`: it has to come again. */
export type WebhookResult = 'taken' | 'unauthenticated' | 'unknown_provider' | 'not_checkable' | 'failed';

/** A vendor's webhook is answered. */
export class WebhookAnswered {
  /**
   * @param providerId null for a provider that does not exist, which anybody may have made up
   * @param lagsSeconds for each end of a call that it told, how long ago the vendor says that was
   */
  constructor(
    readonly providerId: string | null,
    readonly result: WebhookResult,
    readonly lagsSeconds: readonly number[],
  ) {}
}

/** A vendor was asked about a call that should have been told of by now. `ended`: the webhook about its end is missing. */
export class SilentCallAsked {
  constructor(
    readonly providerId: string,
    readonly answer: 'ended' | 'under_way' | 'not_found' | 'unavailable',
  ) {}
}

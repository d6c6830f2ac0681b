import type { AttemptState } from './attempt';
import type { CallStatus } from './call-status';

/** What a user asks for. Undefined `scheduledTime`, or one in the past, means now. */
export interface NewCall {
  /** E.164. */
  readonly recipientNumber: string;
  readonly scheduledTime: Date | undefined;
  readonly customVariables: Readonly<Record<string, unknown>>;
}

/** A call as its user sees it. */
export interface Call {
  readonly id: string;
  /** Null once the user is erased. */
  readonly userId: string | null;
  readonly status: CallStatus;
  readonly recipientNumber: string;
  readonly scheduledTime: Date | null;
  /** Null once the template is deleted. */
  readonly templateId: string | null;
  /** The provider of the latest attempt; before the first one the provider that the user asked for. */
  readonly providerId: string | null;
  /** The only provider that the user allows. */
  readonly pinnedProviderId: string | null;
  readonly customVariables: Readonly<Record<string, unknown>>;
  /** The vendor's id. */
  readonly callId: string | null;
  readonly failure: { readonly code: string; readonly detail: string } | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** One dial of a call, as its user sees it. */
export interface CallAttempt {
  readonly id: string;
  readonly providerId: string;
  readonly phoneNumberId: string;
  readonly state: AttemptState;
  /** The vendor's id. */
  readonly callId: string | null;
  readonly outcome: string | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

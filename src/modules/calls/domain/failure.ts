import type { Outcome } from '../../providers/public/outcome';

/** Why a call failed: one of these, or the outcome of its last attempt. */
export type FailureCode =
  | 'invalid_variables'
  | 'invalid_number'
  | 'template_gone'
  | 'user_inactive'
  | 'quota_exceeded'
  | 'no_provider'
  | 'refused'
  | 'placement_unknown'
  | Outcome;

export interface Failure {
  readonly code: FailureCode;
  /** For the call's user: no vendor's words, no secrets. */
  readonly detail: string;
}

import { DomainError, type Violation } from '../../../shared/kernel/domain-error';

export class CallNotFound extends DomainError {
  constructor() {
    super('calls.not_found', 'not-found', 'There is no such call.');
  }
}

export class TemplateNotFound extends DomainError {
  constructor() {
    super('calls.template_not_found', 'not-found', 'There is no such call template.');
  }
}

export class NotTemplateOwner extends DomainError {
  constructor() {
    super('auth.forbidden', 'forbidden', 'Only its owner changes a call template.');
  }
}

/** Everybody's searches look through them. */
export class TooManyTemplates extends DomainError {
  constructor() {
    super('calls.too_many_templates', 'conflict', 'Nobody may have more than 1000 templates: delete one first.');
  }
}

/** As after an erasure, which the user's token outlives. */
export class AuthorWithoutProfile extends DomainError {
  constructor() {
    super('auth.forbidden', 'forbidden', 'This user has no profile here, as after an erasure: nothing can be added.');
  }
}

/** The template contradicts itself. */
export class InvalidTemplate extends DomainError {
  constructor(violations: readonly Violation[]) {
    super('request.invalid', 'invalid', 'The template is not valid.', violations);
  }
}

export class AssistantNotFound extends DomainError {
  constructor(violation: Violation) {
    super('calls.assistant_not_found', 'unprocessable', 'The template names an unknown assistant.', [violation]);
  }
}

export class ProviderMismatch extends DomainError {
  constructor(message: string, violation: Violation) {
    super('calls.provider_mismatch', 'unprocessable', message, [violation]);
  }
}

export class ProviderUnavailable extends DomainError {
  constructor() {
    super('calls.provider_unavailable', 'unprocessable', 'The provider is unknown or inactive.', [
      { path: 'providerId', message: 'names no active provider' },
    ]);
  }
}

export class UserInactive extends DomainError {
  constructor() {
    super('users.inactive', 'forbidden', 'Without a live subscription no calls can be queued.');
  }
}

export class InvalidNumber extends DomainError {
  constructor() {
    super('calls.invalid_number', 'unprocessable', 'The recipient number is not a valid phone number in E.164.', [
      { path: 'recipientNumber', message: 'must be a valid phone number in E.164, such as +12025550123' },
    ]);
  }
}

export class InvalidVariables extends DomainError {
  constructor(violations: readonly Violation[]) {
    super(
      'calls.invalid_variables',
      'unprocessable',
      `The variables do not fit the template: ${violations.map(({ path, message }) => `${path} ${message}`).join('; ')}.`,
      violations,
    );
  }
}

export class QuotaExceeded extends DomainError {
  constructor() {
    super('billing.quota_exceeded', 'quota-exceeded', 'The allowance of this period is spent, or spoken for.');
  }
}

/** Whoever fills the queue holds up everybody else. */
export class QueuedCallsLimitReached extends DomainError {
  constructor() {
    super('billing.quota_exceeded', 'quota-exceeded', 'As many calls wait already as the plan lets wait at a time.');
  }
}

export class CallNotCancelable extends DomainError {
  constructor() {
    super('calls.not_cancelable', 'conflict', 'The call has already ended.');
  }
}

export class CallNotRetryable extends DomainError {
  constructor() {
    super('calls.not_retryable', 'conflict', 'Only failed and canceled calls can be retried.');
  }
}

/** What is known of a user is still needed for calls that go on. */
export class CallsUnderWay extends DomainError {
  constructor(count: number) {
    super(
      'calls.under_way',
      'conflict',
      `${String(count)} call(s) of the user are being ended. Ask again in a moment.`,
    );
  }
}

/** Whoever sends a webhook has not proven anything yet, so the reason is only logged; a vendor sends it again. */
export class WebhookNotCheckable extends DomainError {
  constructor() {
    super('webhooks.unavailable', 'unavailable', 'The webhook cannot be checked just now; send it again later.');
  }
}

export class WebhookNotAuthentic extends DomainError {
  constructor() {
    super('webhooks.unauthenticated', 'unauthenticated', 'The webhook does not prove that it comes from the vendor.');
  }
}

/** A provider whose calls are not compared with the restored database yet. */
export interface PendingComparison {
  readonly provider: string;
  readonly problem: string | null;
}

export class RestoreNotCompared extends DomainError {
  constructor(pending: readonly PendingComparison[]) {
    const lacking = pending.map(({ provider, problem }) => (problem === null ? provider : `${provider} (${problem})`));
    super(
      'queue.restore_not_compared',
      'conflict',
      `The database was restored, and it is not known yet what was placed since its backup at: ${lacking.join(', ')}.`,
    );
  }
}

/** A vendor did not say what it was asked; `detail` is free of secrets. */
export class VendorSilent extends DomainError {
  constructor(detail: string) {
    super('calls.vendor_silent', 'unavailable', detail);
  }
}

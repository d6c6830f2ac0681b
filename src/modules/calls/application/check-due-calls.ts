import { Injectable, Logger } from '@nestjs/common';
import { NO_COUNTRY } from '../domain/choose-line';
import type { Failure } from '../domain/failure';
import { validateVariables } from '../domain/validate-variables';
import type { DueCall } from './ports/dispatch-queue.port';
import { PhoneNumbers } from './ports/phone-numbers.port';

/** A due call that may be placed, its variables checked and completed. */
export interface FitCall extends DueCall {
  readonly userId: string;
  readonly template: NonNullable<DueCall['template']>;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  /** ISO 3166-1 alpha-2 of the recipient; NO_COUNTRY when the number tells none. */
  readonly country: string;
}

export interface CheckedCalls {
  readonly fit: readonly FitCall[];
  readonly failures: readonly { readonly callId: string; readonly failure: Failure }[];
}

/**
 * Finds what makes due calls hopeless. Rows may have been inserted straight into the table, and users, templates and
 * providers may have changed since, so everything is looked at again right before the call goes out.
 */
@Injectable()
export class CheckDueCalls {
  private readonly logger = new Logger(CheckDueCalls.name);

  constructor(private readonly phoneNumbers: PhoneNumbers) {}

  execute(calls: readonly DueCall[]): CheckedCalls {
    const fit: FitCall[] = [];
    const failures: { callId: string; failure: Failure }[] = [];
    for (const call of calls) {
      const checked = this.checkSafely(call);
      if ('code' in checked) failures.push({ callId: call.id, failure: checked });
      else fit.push(checked);
    }
    return { fit, failures };
  }

  /** Rows are what users made them: one that breaks the check must not keep all others from going out. */
  private checkSafely(call: DueCall): FitCall | Failure {
    try {
      return this.check(call);
    } catch (error) {
      this.logger.error('A bug: a call could not be checked and fails', error, {
        event: 'call.check_threw',
        callId: call.id,
      });
      return { code: 'invalid_variables', detail: 'The template or the variables of this call cannot be read.' };
    }
  }

  private check(call: DueCall): FitCall | Failure {
    const { userId, template } = call;
    if (userId === null || !call.isUserActive)
      return { code: 'user_inactive', detail: 'The user has no active subscription.' };
    if (!template) return { code: 'template_gone', detail: 'The template no longer exists.' };
    const recipient = this.phoneNumbers.parse(call.recipientNumber);
    if (!recipient) return { code: 'invalid_number', detail: 'The recipient number cannot exist.' };
    const validation = validateVariables(template, call.customVariables);
    if (!validation.ok) return { code: 'invalid_variables', detail: describe(validation.violations) };
    if (!call.isServable) return { code: 'no_provider', detail: 'No provider has an assistant for this template.' };
    return { ...call, userId, template, variables: validation.variables, country: recipient.country ?? NO_COUNTRY };
  }
}

function describe(violations: readonly { readonly path: string; readonly message: string }[]): string {
  return violations.map(({ path, message }) => `${path}: ${message}`).join('; ');
}

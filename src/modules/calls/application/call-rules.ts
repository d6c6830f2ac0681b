import { Injectable } from '@nestjs/common';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import type { UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { Allowance } from '../domain/allowance';
import type { NewCall } from '../domain/call';
import {
  InvalidNumber,
  InvalidVariables,
  ProviderMismatch,
  ProviderUnavailable,
  TemplateNotFound,
  UserInactive,
} from '../domain/calls.errors';
import type { TemplateTerms } from '../domain/template';
import { validateVariables } from '../domain/validate-variables';
import { CallTemplates } from './ports/call-templates.port';
import { PhoneNumbers } from './ports/phone-numbers.port';
import { UserStanding } from './user-standing';

/** What one request of a user may queue. */
export interface Admission {
  readonly template: TemplateTerms;
  readonly allowance: Allowance;
}

/** What every way to queue calls refuses, in the order in which it is checked. */
@Injectable()
export class CallRules {
  constructor(
    private readonly standing: UserStanding,
    private readonly templates: CallTemplates,
    private readonly numbers: PhoneNumbers,
    private readonly providers: ProviderPool,
  ) {}

  /**
   * What the user may queue, with which template. Asked for all at once, so that it costs one round trip.
   * @throws UserInactive, TemplateNotFound
   */
  async admit(claims: UserClaims, templateId: string): Promise<Admission> {
    const [{ isActive, allowance }, template] = await Promise.all([
      this.standing.of(claims.sub),
      this.templates.termsOf(claims, templateId),
    ]);
    if (!isActive) throw new UserInactive();
    if (!template) throw new TemplateNotFound();
    return { template, allowance };
  }

  /**
   * Variables stay as they were given: defaults are filled in when the call goes out.
   * @throws InvalidNumber, InvalidVariables
   */
  requireContent(template: TemplateTerms, call: NewCall): NewCall {
    const number = this.numbers.parse(call.recipientNumber);
    if (!number) throw new InvalidNumber();
    const checked = validateVariables(template, call.customVariables);
    if (!checked.ok) throw new InvalidVariables(checked.violations);
    return { ...call, recipientNumber: number.fullNumber };
  }

  /** @throws ProviderUnavailable, ProviderMismatch */
  async requirePin(template: TemplateTerms, providerId: string): Promise<void> {
    if (!(await this.providers.isActive(providerId))) throw new ProviderUnavailable();
    if (template.providerId !== null && template.providerId !== providerId)
      throw new ProviderMismatch('The template is bound to another provider.', {
        path: 'providerId',
        message: "must be the template's own provider",
      });
  }
}

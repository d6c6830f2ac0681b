import { Injectable } from '@nestjs/common';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import type { UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { Allowance } from '../domain/allowance';
import type { NewCall } from '../domain/call';
import { InvalidNumber, InvalidVariables, ProviderMismatch, ProviderUnavailable } from '../domain/calls.errors';
import type { CallTemplate } from '../domain/template';
import { validateVariables } from '../domain/validate-variables';
import { GetCallTemplate } from './get-call-template';
import { PhoneNumbers } from './ports/phone-numbers.port';
import { UserStanding } from './user-standing';

/** What every way to queue calls refuses, in the order in which it is checked. */
@Injectable()
export class CallRules {
  constructor(
    private readonly standing: UserStanding,
    private readonly getTemplate: GetCallTemplate,
    private readonly numbers: PhoneNumbers,
    private readonly providers: ProviderPool,
  ) {}

  /** @throws UserInactive, TemplateNotFound */
  async requireTemplate(claims: UserClaims, templateId: string): Promise<CallTemplate> {
    await this.standing.requireActive(claims.sub);
    return this.getTemplate.execute(claims, templateId);
  }

  /**
   * Variables stay as they were given: defaults are filled in when the call goes out.
   * @throws InvalidNumber, InvalidVariables
   */
  requireContent(template: CallTemplate, call: NewCall): NewCall {
    const number = this.numbers.parse(call.recipientNumber);
    if (!number) throw new InvalidNumber();
    const checked = validateVariables(template, call.customVariables);
    if (!checked.ok) throw new InvalidVariables(checked.violations);
    return { ...call, recipientNumber: number.fullNumber };
  }

  /** @throws ProviderUnavailable, ProviderMismatch */
  async requirePin(template: CallTemplate, providerId: string): Promise<void> {
    if (!(await this.providers.isActive(providerId))) throw new ProviderUnavailable();
    if (template.providerId !== null && template.providerId !== providerId)
      throw new ProviderMismatch('The template is bound to another provider.', {
        path: 'providerId',
        message: "must be the template's own provider",
      });
  }

  allowance(userId: string): Promise<Allowance> {
    return this.standing.allowance(userId);
  }
}

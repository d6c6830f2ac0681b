import { Injectable } from '@nestjs/common';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { CallTemplate, TemplateContent } from '../domain/template';
import { GetCallTemplate } from './get-call-template';
import { CallTemplates } from './ports/call-templates.port';
import { TemplateRules } from './template-rules';

/** Adds a template that belongs to the user. */
@Injectable()
export class CreateCallTemplate {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: TemplateRules,
    private readonly templates: CallTemplates,
    private readonly getTemplate: GetCallTemplate,
  ) {}

  /** @throws InvalidTemplate, ProviderUnavailable, AssistantNotFound, ProviderMismatch, TooManyTemplates */
  execute(claims: UserClaims, content: TemplateContent): Promise<CallTemplate> {
    return this.unitOfWork.run(async () => {
      this.rules.requireSoundParams(content);
      await this.rules.requireActiveProvider(content.providerId);
      const fallbacks = await this.rules.requireAssistants(content);
      const stored = { ...content, createdBy: claims.sub, fallbacks };
      const id = await this.unitOfWork.asUser(claims, () => this.templates.add(stored));
      return this.getTemplate.execute(claims, id);
    });
  }
}

import { Injectable } from '@nestjs/common';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import { NotTemplateOwner, TemplateNotFound } from '../domain/calls.errors';
import { type CallTemplate, changeContent, type TemplateChange } from '../domain/template';
import { GetCallTemplate } from './get-call-template';
import { CallTemplates } from './ports/call-templates.port';
import { TemplateRules } from './template-rules';

/** Changes parts of a template; the parts that are absent stay. Only its owner may. */
@Injectable()
export class ChangeCallTemplate {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: TemplateRules,
    private readonly templates: CallTemplates,
    private readonly getTemplate: GetCallTemplate,
  ) {}

  /**
   * A provider that has become inactive since does not stand in the way of other changes.
   * @throws TemplateNotFound, NotTemplateOwner, InvalidTemplate, ProviderUnavailable, AssistantNotFound,
   * ProviderMismatch
   */
  execute(claims: UserClaims, templateId: string, change: TemplateChange): Promise<CallTemplate> {
    return this.unitOfWork.run(async () => {
      const template = await this.getTemplate.execute(claims, templateId);
      if (template.createdBy !== claims.sub) throw new NotTemplateOwner();
      const content = changeContent(template, change);
      this.rules.requireSoundParams(content);
      if (content.providerId !== template.providerId) await this.rules.requireActiveProvider(content.providerId);
      const fallbacks = await this.rules.requireAssistants(content);
      const stored = { ...content, createdBy: claims.sub, fallbacks };
      const isChanged = await this.unitOfWork.asUser(claims, () => this.templates.replace(templateId, stored));
      if (!isChanged) throw new TemplateNotFound();
      return this.getTemplate.execute(claims, templateId);
    });
  }
}

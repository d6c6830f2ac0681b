import { Injectable } from '@nestjs/common';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import { NotTemplateOwner, TemplateNotFound } from '../domain/calls.errors';
import { GetCallTemplate } from './get-call-template';
import { CallTemplates } from './ports/call-templates.port';

/** Deletes a template. Only its owner may. Calls that still wait for it fail when they are due. */
@Injectable()
export class DeleteCallTemplate {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly templates: CallTemplates,
    private readonly getTemplate: GetCallTemplate,
  ) {}

  /** @throws TemplateNotFound, NotTemplateOwner */
  execute(claims: UserClaims, templateId: string): Promise<void> {
    return this.unitOfWork.run(async () => {
      const template = await this.getTemplate.execute(claims, templateId);
      if (template.createdBy !== claims.sub) throw new NotTemplateOwner();
      const isRemoved = await this.unitOfWork.asUser(claims, () => this.templates.remove(claims.sub, templateId));
      if (!isRemoved) throw new TemplateNotFound();
    });
  }
}

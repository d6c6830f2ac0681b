import { Injectable } from '@nestjs/common';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import { TemplateNotFound } from '../domain/calls.errors';
import type { CallTemplate } from '../domain/template';
import { CallTemplates } from './ports/call-templates.port';

/** Reads a template that the user may see. */
@Injectable()
export class GetCallTemplate {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly templates: CallTemplates,
  ) {}

  /** @throws TemplateNotFound */
  async execute(claims: UserClaims, templateId: string): Promise<CallTemplate> {
    const template = await this.unitOfWork.asUser(claims, () => this.templates.find(claims.sub, templateId));
    if (!template) throw new TemplateNotFound();
    return template;
  }
}

import { Injectable } from '@nestjs/common';
import type { Page, PageRequest } from '../../../shared/kernel/page';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { CallTemplate } from '../domain/template';
import { CallTemplates, type TemplateFilter } from './ports/call-templates.port';

/** The user's own templates and the public ones, newest first. */
@Injectable()
export class ListCallTemplates {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly templates: CallTemplates,
  ) {}

  execute(claims: UserClaims, filter: TemplateFilter, page: PageRequest): Promise<Page<CallTemplate>> {
    return this.unitOfWork.asUser(claims, () => this.templates.list(claims.sub, filter, page));
  }
}

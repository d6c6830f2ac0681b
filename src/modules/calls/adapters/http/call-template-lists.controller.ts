import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../../../../shared/http/caller';
import type { Page } from '../../../../shared/kernel/page';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import { GetCallTemplate } from '../../application/get-call-template';
import { ListCallTemplates } from '../../application/list-call-templates';
import { TemplatesQuery, TemplatesView, TemplateView } from './call-templates.schemas';
import { id } from './calls.schemas';
import { type TemplateAnswer, toTemplateView } from './to-template-view';

@ApiTags('Call templates')
@Controller('call-templates')
export class CallTemplateListsController {
  constructor(
    private readonly listCallTemplates: ListCallTemplates,
    private readonly getCallTemplate: GetCallTemplate,
  ) {}

  @Get()
  @ApiOperation({ summary: "The user's own templates and the public ones, newest first" })
  @ApiOkResponse({ standardSchema: TemplatesView })
  async list(
    @CurrentUser() user: UserClaims,
    @Query({ schema: TemplatesQuery }) query: TemplatesQuery,
  ): Promise<Page<TemplateAnswer>> {
    const { q: search, category, tag } = query;
    const { items, nextCursor } = await this.listCallTemplates.execute(user, { search, category, tag }, query);
    return { items: items.map(toTemplateView), nextCursor };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One template' })
  @ApiOkResponse({ standardSchema: TemplateView })
  @ApiNotFoundResponse({
    description: 'No such template, or none that the user may see (`calls.template_not_found`).',
  })
  async read(
    @CurrentUser() user: UserClaims,
    @Param('id', { schema: id }) templateId: string,
  ): Promise<TemplateAnswer> {
    return toTemplateView(await this.getCallTemplate.execute(user, templateId));
  }
}

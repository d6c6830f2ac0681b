import { Body, Controller, Delete, HttpCode, HttpStatus, Param, Patch, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiForbiddenResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { CurrentUser } from '../../../../shared/http/caller';
import { Idempotent } from '../../../../shared/http/idempotency.interceptor';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import { ChangeCallTemplate } from '../../application/change-call-template';
import { CreateCallTemplate } from '../../application/create-call-template';
import { DeleteCallTemplate } from '../../application/delete-call-template';
import { ChangeTemplate, NewTemplate, TemplateView } from './call-templates.schemas';
import { id } from './calls.schemas';
import { type TemplateAnswer, toTemplateView } from './to-template-view';

const NOT_FOUND = { description: 'No such template, or none that the user may see (`calls.template_not_found`).' };
const NOT_OWNER = { description: "The template is someone else's (`auth.forbidden`)." };
const TOO_MANY = {
  description:
    'The user has 1000 templates (`calls.too_many_templates`), or an Idempotency-Key is used twice ' +
    '(`request.idempotency_conflict`, `request.in_progress`).',
};
const UNPROCESSABLE = {
  description:
    'An assistant does not exist (`calls.assistant_not_found`), the provider is unknown or inactive ' +
    '(`calls.provider_unavailable`), or they do not fit together (`calls.provider_mismatch`).',
};

@ApiTags('Call templates')
@Controller('call-templates')
export class CallTemplatesController {
  constructor(
    private readonly createCallTemplate: CreateCallTemplate,
    private readonly changeCallTemplate: ChangeCallTemplate,
    private readonly deleteCallTemplate: DeleteCallTemplate,
  ) {}

  @Post()
  @Idempotent()
  @ApiOperation({ summary: 'Adds a template' })
  @ApiCreatedResponse({ standardSchema: TemplateView })
  @ApiUnprocessableEntityResponse(UNPROCESSABLE)
  @ApiConflictResponse(TOO_MANY)
  async create(
    @CurrentUser() user: UserClaims,
    @Body({ schema: NewTemplate }) body: NewTemplate,
  ): Promise<TemplateAnswer> {
    return toTemplateView(await this.createCallTemplate.execute(user, body));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes an own template; what is absent stays' })
  @ApiOkResponse({ standardSchema: TemplateView })
  @ApiForbiddenResponse(NOT_OWNER)
  @ApiNotFoundResponse(NOT_FOUND)
  @ApiUnprocessableEntityResponse(UNPROCESSABLE)
  async change(
    @CurrentUser() user: UserClaims,
    @Param('id', { schema: id }) templateId: string,
    @Body({ schema: ChangeTemplate }) body: ChangeTemplate,
  ): Promise<TemplateAnswer> {
    return toTemplateView(await this.changeCallTemplate.execute(user, templateId, body));
  }

  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Deletes an own template; calls that wait for it will fail with `template_gone`' })
  @ApiNoContentResponse({ description: 'The template is deleted.' })
  @ApiForbiddenResponse(NOT_OWNER)
  @ApiNotFoundResponse(NOT_FOUND)
  remove(@CurrentUser() user: UserClaims, @Param('id', { schema: id }) templateId: string): Promise<void> {
    return this.deleteCallTemplate.execute(user, templateId);
  }
}

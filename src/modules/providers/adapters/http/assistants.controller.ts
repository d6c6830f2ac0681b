import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { z } from 'zod';
import { AdminOnly } from '../../../../shared/http/caller';
import { Idempotent } from '../../../../shared/http/idempotency.interceptor';
import { AssistantInventory } from '../../application/ports/assistant-inventory.port';
import { AssistantNotFound } from '../../domain/providers.errors';
import { AddAssistant, AssistantsQuery, AssistantsView, AssistantView, PatchAssistant } from './assistants.schemas';
import { toAssistantView } from './to-views';

const Id = z.uuid();
const TAKEN = 'The provider already has an assistant with this externalId (`providers.assistant_taken`).';

@AdminOnly()
@ApiTags('Administration: assistants')
@Controller('admin/assistants')
export class AssistantsController {
  constructor(private readonly inventory: AssistantInventory) {}

  @Get()
  @ApiOperation({ summary: 'The assistants of all providers, newest first' })
  @ApiOkResponse({ standardSchema: AssistantsView })
  async list(@Query({ schema: AssistantsQuery }) query: AssistantsQuery): Promise<AssistantsView> {
    const { items, nextCursor } = await this.inventory.list(query);
    return { items: items.map(toAssistantView), nextCursor };
  }

  @Post()
  @Idempotent()
  @ApiOperation({ summary: 'Adds an assistant by hand' })
  @ApiCreatedResponse({ standardSchema: AssistantView })
  @ApiConflictResponse({ description: TAKEN })
  async create(@Body({ schema: AddAssistant }) body: AddAssistant): Promise<AssistantView> {
    return toAssistantView(await this.inventory.add(body));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One assistant' })
  @ApiOkResponse({ standardSchema: AssistantView })
  async read(@Param('id', { schema: Id }) id: string): Promise<AssistantView> {
    const assistant = await this.inventory.find(id);
    if (!assistant) throw new AssistantNotFound();
    return toAssistantView(assistant);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes an assistant' })
  @ApiOkResponse({ standardSchema: AssistantView })
  @ApiConflictResponse({ description: TAKEN })
  async change(
    @Param('id', { schema: Id }) id: string,
    @Body({ schema: PatchAssistant }) body: PatchAssistant,
  ): Promise<AssistantView> {
    const assistant = await this.inventory.change(id, body);
    if (!assistant) throw new AssistantNotFound();
    return toAssistantView(assistant);
  }

  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Deletes an assistant that no template or call refers to' })
  @ApiNoContentResponse()
  @ApiConflictResponse({ description: 'Templates or calls refer to it: deactivate it instead (`providers.in_use`).' })
  async remove(@Param('id', { schema: Id }) id: string): Promise<void> {
    if (!(await this.inventory.remove(id))) throw new AssistantNotFound();
  }
}

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
import { ChangeProvider } from '../../application/change-provider';
import { CreateProvider } from '../../application/create-provider';
import { ProviderAccounts } from '../../application/ports/provider-accounts.port';
import { ProviderNotFound } from '../../domain/providers.errors';
import { ProviderViews } from './provider-views';
import { AddProvider, PatchProvider, ProvidersQuery, ProvidersView, ProviderView } from './providers.schemas';

const Id = z.uuid();
const NAME_TAKEN = 'Another provider has the name (`providers.name_taken`).';

@AdminOnly()
@ApiTags('Administration: providers')
@Controller('admin/providers')
export class ProvidersController {
  constructor(
    private readonly accounts: ProviderAccounts,
    private readonly createProvider: CreateProvider,
    private readonly changeProvider: ChangeProvider,
    private readonly views: ProviderViews,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The accounts at voice vendors, newest first' })
  @ApiOkResponse({ standardSchema: ProvidersView })
  async list(@Query({ schema: ProvidersQuery }) query: ProvidersQuery): Promise<ProvidersView> {
    const { items, nextCursor } = await this.accounts.list(query);
    return { items: items.map((provider) => this.views.of(provider)), nextCursor };
  }

  @Post()
  @Idempotent()
  @ApiOperation({ summary: 'Registers an account at a voice vendor; its credentials are stored encrypted' })
  @ApiCreatedResponse({ standardSchema: ProviderView })
  @ApiConflictResponse({ description: NAME_TAKEN })
  async create(@Body({ schema: AddProvider }) body: AddProvider): Promise<ProviderView> {
    return this.views.of(await this.createProvider.execute(body));
  }

  @Get(':id')
  @ApiOperation({ summary: 'One provider' })
  @ApiOkResponse({ standardSchema: ProviderView })
  async read(@Param('id', { schema: Id }) id: string): Promise<ProviderView> {
    const provider = await this.accounts.find(id);
    if (!provider) throw new ProviderNotFound();
    return this.views.of(provider);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes a provider. New credentials end pauses and close the circuit breaker' })
  @ApiOkResponse({ standardSchema: ProviderView })
  @ApiConflictResponse({ description: NAME_TAKEN })
  async change(
    @Param('id', { schema: Id }) id: string,
    @Body({ schema: PatchProvider }) body: PatchProvider,
  ): Promise<ProviderView> {
    return this.views.of(await this.changeProvider.execute(id, body));
  }

  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Deletes a provider that nothing refers to' })
  @ApiNoContentResponse()
  @ApiConflictResponse({
    description: 'Numbers, assistants, templates or calls refer to it: deactivate it instead (`providers.in_use`).',
  })
  async remove(@Param('id', { schema: Id }) id: string): Promise<void> {
    if (!(await this.accounts.remove(id))) throw new ProviderNotFound();
  }
}

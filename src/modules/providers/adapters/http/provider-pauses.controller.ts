import { Body, Controller, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AdminOnly } from '../../../../shared/http/caller';
import { PauseProvider } from '../../application/pause-provider';
import { ResumeProvider } from '../../application/resume-provider';
import { ProviderViews } from './provider-views';
import { PauseProviderBody, ProviderView } from './providers.schemas';

const Id = z.uuid();

@AdminOnly()
@ApiTags('Administration: providers')
@Controller('admin/providers/:id')
export class ProviderPausesController {
  constructor(
    private readonly pauseProvider: PauseProvider,
    private readonly resumeProvider: ResumeProvider,
    private readonly views: ProviderViews,
  ) {}

  @Post('pause')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Pauses a provider by hand; calls under way finish',
    description: 'The pause stays until its end or until the provider is resumed. Pausing again replaces it.',
  })
  @ApiOkResponse({ standardSchema: ProviderView })
  async pause(
    @Param('id', { schema: Id }) id: string,
    @Body({ schema: PauseProviderBody }) { reason, until }: PauseProviderBody,
  ): Promise<ProviderView> {
    const suspension = { reason: reason ?? null, until: until === undefined ? null : new Date(until) };
    return this.views.of(await this.pauseProvider.execute(id, suspension));
  }

  @Post('resume')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Gives a provider calls again at once',
    description: 'Ends pauses of any kind, closes the circuit breaker and forgets a lowered limit.',
  })
  @ApiOkResponse({ standardSchema: ProviderView })
  async resume(@Param('id', { schema: Id }) id: string): Promise<ProviderView> {
    return this.views.of(await this.resumeProvider.execute(id));
  }
}

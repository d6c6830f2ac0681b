import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags, ApiUnauthorizedResponse } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Public } from '../../../../shared/http/caller';
import { ReceiveWebhook } from '../../application/receive-webhook';

const ProviderId = z.uuid().describe('The provider whose vendor sends the webhook');
const Received = z.object({}).meta({ id: 'Received', examples: [{}] });

/** Where voice vendors report to. Each authenticates in its own way, which its driver knows. */
@ApiTags('Webhooks')
@Controller('webhooks/providers')
@Public()
export class ProviderWebhooksController {
  constructor(private readonly receiveWebhook: ReceiveWebhook) {}

  @Post(':providerId')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Take in what a voice vendor reports',
    description: 'Answers only once everything in it is committed. Repeats, old messages and any order are fine.',
  })
  @ApiOkResponse({ standardSchema: Received })
  @ApiUnauthorizedResponse({
    description: 'The vendor’s signature or secret is missing or wrong (`webhooks.unauthenticated`).',
  })
  async receive(
    @Param('providerId', { schema: ProviderId }) providerId: string,
    @Req() request: FastifyRequest & { readonly rawBody?: Buffer },
  ): Promise<Record<string, never>> {
    await this.receiveWebhook.execute({
      providerId,
      headers: singleHeaders(request.headers),
      rawBody: request.rawBody ?? new Uint8Array(),
      body: request.body,
    });
    return {};
  }
}

/** A header that comes twice proves nothing and is left out. */
function singleHeaders(headers: FastifyRequest['headers']): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : undefined]),
  );
}

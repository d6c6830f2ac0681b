import { Controller, HttpCode, HttpStatus, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags, ApiUnauthorizedResponse } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Public } from '../../../../shared/http/caller';
import { ReceivePaymentWebhook } from '../../application/receive-payment-webhook';

const PaymentEventTaken = z.object({}).meta({ id: 'PaymentEventTaken', examples: [{}] });
type PaymentEventTaken = z.infer<typeof PaymentEventTaken>;

/** Where Stripe reports to. The signature over the exact bytes is what authenticates it. */
@ApiTags('Webhooks')
@Controller('webhooks/stripe')
@Public()
export class StripeWebhooksController {
  constructor(private readonly receivePaymentWebhook: ReceivePaymentWebhook) {}

  @Post()
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Take in what Stripe reports',
    description: 'Answers only once the event is kept. Any event, repeats, old ones and any order are fine.',
  })
  @ApiOkResponse({ standardSchema: PaymentEventTaken })
  @ApiUnauthorizedResponse({
    description:
      'The signature is missing, wrong or too old, or Stripe is not configured (`webhooks.unauthenticated`).',
  })
  async receive(@Req() request: FastifyRequest & { readonly rawBody?: Buffer }): Promise<PaymentEventTaken> {
    await this.receivePaymentWebhook.execute({
      headers: singleHeaders(request.headers),
      rawBody: request.rawBody ?? new Uint8Array(),
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

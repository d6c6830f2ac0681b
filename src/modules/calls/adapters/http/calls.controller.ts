import { Body, Controller, HttpCode, HttpStatus, Param, Post, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiForbiddenResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiPaymentRequiredResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser } from '../../../../shared/http/caller';
import { Idempotent, IdempotentShared } from '../../../../shared/http/idempotency.interceptor';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import { CancelCall } from '../../application/cancel-call';
import { QueueCall } from '../../application/queue-call';
import { QueueCallBatch } from '../../application/queue-call-batch';
import { RetryCall } from '../../application/retry-call';
import { BatchView, CallView, id, PlaceCall, PlaceCalls } from './calls.schemas';
import { toCallView } from './to-call-views';

const INACTIVE = { description: 'The user has no live subscription (`users.inactive`).' };
const NO_TEMPLATE = { description: 'No such template, or none that the user may see (`calls.template_not_found`).' };
const NO_CALL = { description: 'The user has no such call (`calls.not_found`).' };
const QUOTA = {
  description:
    'The allowance is spent, or spoken for by calls that wait, or as many wait as the plan allows (`billing.quota_exceeded`).',
};
const UNPROCESSABLE = {
  description:
    'The number (`calls.invalid_number`), the variables (`calls.invalid_variables`) or the wished provider ' +
    '(`calls.provider_unavailable`, `calls.provider_mismatch`) does not hold.',
};

@ApiTags('Calls')
@Controller('calls')
export class CallsController {
  constructor(
    private readonly queueCall: QueueCall,
    private readonly queueCallBatch: QueueCallBatch,
    private readonly cancelCall: CancelCall,
    private readonly retryCall: RetryCall,
  ) {}

  @Post()
  @IdempotentShared()
  @ApiOperation({ summary: 'Queues a call' })
  @ApiCreatedResponse({ standardSchema: CallView })
  @ApiPaymentRequiredResponse(QUOTA)
  @ApiForbiddenResponse(INACTIVE)
  @ApiNotFoundResponse(NO_TEMPLATE)
  @ApiUnprocessableEntityResponse(UNPROCESSABLE)
  async queue(@CurrentUser() user: UserClaims, @Body({ schema: PlaceCall }) body: PlaceCall): Promise<CallView> {
    const { scheduledTime, providerId, ...order } = body;
    const call = await this.queueCall.execute(user, {
      ...order,
      scheduledTime: scheduledTime ?? undefined,
      providerId: providerId ?? undefined,
    });
    return toCallView(call);
  }

  @Post('batch')
  @HttpCode(HttpStatus.OK)
  @Idempotent()
  @ApiOperation({
    summary: 'Queues up to 1,000 calls of one template',
    description:
      'What can be queued is queued together and in order; every other row is answered with the code that the same ' +
      'call alone would get. Over the allowance: `billing.quota_exceeded`, row by row.',
  })
  @ApiOkResponse({ standardSchema: BatchView })
  @ApiForbiddenResponse(INACTIVE)
  @ApiNotFoundResponse(NO_TEMPLATE)
  async queueBatch(
    @CurrentUser() user: UserClaims,
    @Body({ schema: PlaceCalls }) body: PlaceCalls,
  ): Promise<BatchView> {
    const { accepted, rejected } = await this.queueCallBatch.execute(user, {
      templateId: body.templateId,
      calls: body.calls.map(({ scheduledTime, ...call }) => ({
        ...call,
        scheduledTime: scheduledTime ?? body.scheduledTime ?? undefined,
      })),
    });
    return { accepted: [...accepted], rejected: [...rejected] };
  }

  @Post(':id/cancel')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Cancels a call',
    description:
      'A call that waits is canceled at once. For a call in progress the wish is kept, and its provider is asked to ' +
      'hang up as soon as the call is known there.',
  })
  @ApiOkResponse({ standardSchema: CallView, description: 'The call is canceled.' })
  @ApiAcceptedResponse({ standardSchema: CallView, description: 'The call is in progress; it will end.' })
  @ApiNotFoundResponse(NO_CALL)
  @ApiConflictResponse({ description: 'The call has already ended (`calls.not_cancelable`).' })
  async cancel(
    @CurrentUser() user: UserClaims,
    @Param('id', { schema: id }) callQueueId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CallView> {
    const { call, isDone } = await this.cancelCall.execute(user, callQueueId);
    if (!isDone) void reply.code(HttpStatus.ACCEPTED);
    return toCallView(call);
  }

  @Post(':id/retry')
  @Idempotent()
  @ApiOperation({ summary: "Queues a failed or canceled call's content again, as a new call that is due now" })
  @ApiCreatedResponse({ standardSchema: CallView })
  @ApiPaymentRequiredResponse(QUOTA)
  @ApiForbiddenResponse(INACTIVE)
  @ApiNotFoundResponse({
    description: 'No such call (`calls.not_found`) or no template any more (`calls.template_not_found`).',
  })
  @ApiConflictResponse({ description: 'The call has neither failed nor been canceled (`calls.not_retryable`).' })
  @ApiUnprocessableEntityResponse(UNPROCESSABLE)
  async retry(@CurrentUser() user: UserClaims, @Param('id', { schema: id }) callQueueId: string): Promise<CallView> {
    return toCallView(await this.retryCall.execute(user, callQueueId));
  }
}

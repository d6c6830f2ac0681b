import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../../../../shared/http/caller';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import { GetCall } from '../../application/get-call';
import { ListCalls } from '../../application/list-calls';
import { CallsQuery, CallsView, CallWithAttemptsView, id } from './calls.schemas';
import { toAttemptView, toCallView } from './to-call-views';

@ApiTags('Calls')
@Controller('calls')
export class CallListsController {
  constructor(
    private readonly listCalls: ListCalls,
    private readonly getCall: GetCall,
  ) {}

  @Get()
  @ApiOperation({ summary: "The user's calls, newest first" })
  @ApiOkResponse({ standardSchema: CallsView })
  async list(@CurrentUser() user: UserClaims, @Query({ schema: CallsQuery }) query: CallsQuery): Promise<CallsView> {
    const { items, nextCursor } = await this.listCalls.execute(user, query.status, query);
    return { items: items.map(toCallView), nextCursor };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A call with its attempts, the first one first' })
  @ApiOkResponse({ standardSchema: CallWithAttemptsView })
  @ApiNotFoundResponse({ description: 'The user has no such call (`calls.not_found`).' })
  async read(
    @CurrentUser() user: UserClaims,
    @Param('id', { schema: id }) callQueueId: string,
  ): Promise<CallWithAttemptsView> {
    const call = await this.getCall.execute(user, callQueueId);
    return { ...toCallView(call), attempts: call.attempts.map(toAttemptView) };
  }
}

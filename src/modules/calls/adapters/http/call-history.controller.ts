import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../../../../shared/http/caller';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import { GetCallRecord } from '../../application/get-call-record';
import { ListCallRecords } from '../../application/list-call-records';
import { CallHistoryQuery, CallRecordsView, CallRecordView } from './call-history.schemas';
import { id } from './calls.schemas';
import { toCallRecordView } from './to-call-views';

@ApiTags('Call history')
@Controller('call-history')
export class CallHistoryController {
  constructor(
    private readonly listCallRecords: ListCallRecords,
    private readonly getCallRecord: GetCallRecord,
  ) {}

  @Get()
  @ApiOperation({ summary: "What became of the user's calls, newest first: one entry per accepted attempt" })
  @ApiOkResponse({ standardSchema: CallRecordsView })
  async list(
    @CurrentUser() user: UserClaims,
    @Query({ schema: CallHistoryQuery }) query: CallHistoryQuery,
  ): Promise<CallRecordsView> {
    const { items, nextCursor } = await this.listCallRecords.execute(user, query, query);
    return { items: items.map(toCallRecordView), nextCursor };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One entry with its transcript' })
  @ApiOkResponse({ standardSchema: CallRecordView })
  @ApiNotFoundResponse({ description: 'The user has no such entry (`calls.not_found`).' })
  async read(@CurrentUser() user: UserClaims, @Param('id', { schema: id }) recordId: string): Promise<CallRecordView> {
    return toCallRecordView(await this.getCallRecord.execute(user, recordId));
  }
}

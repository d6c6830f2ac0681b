import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdminOnly } from '../../../../shared/http/caller';
import { ListAllCalls } from '../../application/list-all-calls';
import { AdminCallsQuery, AdminCallsView } from './admin.schemas';
import { toCallView } from './to-call-views';

@ApiTags('Administration')
@AdminOnly()
@Controller('admin/calls')
export class AdminCallsController {
  constructor(private readonly listAllCalls: ListAllCalls) {}

  @Get()
  @ApiOperation({ summary: "Every user's calls, newest first" })
  @ApiOkResponse({ standardSchema: AdminCallsView })
  async list(@Query({ schema: AdminCallsQuery }) query: AdminCallsQuery): Promise<AdminCallsView> {
    const { items, nextCursor } = await this.listAllCalls.execute(query, query);
    return { items: items.map((call) => ({ ...toCallView(call), userId: call.userId })), nextCursor };
  }
}

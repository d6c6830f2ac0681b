import { Controller, Get, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../../../../shared/http/caller';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import { GetUsage } from '../../application/get-usage';
import { ListUsageEntries } from '../../application/list-usage-entries';
import { UsageEntriesQuery, UsageEntriesView, UsageView } from './billing.schemas';
import { toUsageEntryView, toUsageView } from './to-billing-views';

@ApiTags('Billing')
@Controller('usage')
export class UsageController {
  constructor(
    private readonly getUsage: GetUsage,
    private readonly listUsageEntries: ListUsageEntries,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What the allowance of the current period has left' })
  @ApiOkResponse({ standardSchema: UsageView })
  @ApiNotFoundResponse({ description: 'The user has no live subscription (`billing.no_subscription`).' })
  async read(@CurrentUser() user: UserClaims): Promise<UsageView> {
    return toUsageView(await this.getUsage.execute(user));
  }

  @Get('entries')
  @ApiOperation({ summary: 'What happened to the allowance, newest first' })
  @ApiOkResponse({ standardSchema: UsageEntriesView })
  async list(
    @CurrentUser() user: UserClaims,
    @Query({ schema: UsageEntriesQuery }) query: UsageEntriesQuery,
  ): Promise<UsageEntriesView> {
    const { items, nextCursor } = await this.listUsageEntries.execute(user, query);
    return { items: items.map(toUsageEntryView), nextCursor };
  }
}

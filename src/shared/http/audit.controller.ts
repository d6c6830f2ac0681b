import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type AuditEntry, AuditTrail } from '../kernel/audit-trail.port';
import { AuditEntriesView, AuditQuery } from './audit.schemas';
import { AdminOnly } from './caller';

@ApiTags('Administration')
@AdminOnly()
@Controller('admin/audit')
export class AuditController {
  constructor(private readonly trail: AuditTrail) {}

  @Get()
  @ApiOperation({
    summary: 'Who changed what, newest first',
    description:
      'Every change of providers, phone numbers, assistants and the queue’s pause leaves an entry in the transaction ' +
      'that makes it. What vendors’ answers do by themselves (pauses, quarantines) is no administrative change.',
  })
  @ApiOkResponse({ standardSchema: AuditEntriesView })
  async list(@Query({ schema: AuditQuery }) query: AuditQuery): Promise<AuditEntriesView> {
    const { items, nextCursor } = await this.trail.list(query, query);
    return { items: items.map(toView), nextCursor };
  }
}

function toView({ author, createdAt, ...entry }: AuditEntry): AuditEntriesView['items'][number] {
  const { requestId, ...actor } = author;
  return { ...entry, actor, requestId, createdAt: createdAt.toISOString() };
}

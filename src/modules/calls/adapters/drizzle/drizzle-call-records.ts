import { Injectable } from '@nestjs/common';
import { and, eq, gte, lt } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { behindCursor, newestFirst, position, toPage } from '../../../../shared/database/keyset';
import type { Page, PageRequest } from '../../../../shared/kernel/page';
import { CallRecords, type RecordFilter } from '../../application/ports/call-records.port';
import type { CallRecord } from '../../domain/call-record';
import { userCallHistory } from './user-call-history.table';

const recordColumns = {
  id: userCallHistory.id,
  callQueueId: userCallHistory.callQueueId,
  callId: userCallHistory.callId,
  providerId: userCallHistory.providerId,
  assistantId: userCallHistory.assistantId,
  phoneNumberId: userCallHistory.phoneNumberId,
  recipientNumber: userCallHistory.recipientNumber,
  status: userCallHistory.status,
  outcome: userCallHistory.outcome,
  endedReason: userCallHistory.endedReason,
  transcript: userCallHistory.transcript,
  summary: userCallHistory.summary,
  recordingUrl: userCallHistory.recordingUrl,
  startedAt: userCallHistory.startedAt,
  endedAt: userCallHistory.endedAt,
  durationSeconds: userCallHistory.durationSeconds,
  costMicros: userCallHistory.costMicros,
  currency: userCallHistory.currency,
  createdAt: userCallHistory.createdAt,
};

@Injectable()
export class DrizzleCallRecords extends CallRecords {
  constructor(private readonly database: Database) {
    super();
  }

  async find(userId: string, recordId: string): Promise<CallRecord | undefined> {
    const rows = await this.database.current
      .select(recordColumns)
      .from(userCallHistory)
      .where(and(eq(userCallHistory.id, recordId), eq(userCallHistory.userId, userId)));
    return rows[0];
  }

  async list(userId: string, filter: RecordFilter, page: PageRequest): Promise<Page<CallRecord>> {
    const { status, outcome, from, to } = filter;
    const rows = await this.database.current
      .select({ ...recordColumns, position: position(userCallHistory) })
      .from(userCallHistory)
      .where(
        and(
          eq(userCallHistory.userId, userId),
          status && eq(userCallHistory.status, status),
          outcome === undefined ? undefined : eq(userCallHistory.outcome, outcome),
          from && gte(userCallHistory.createdAt, from),
          to && lt(userCallHistory.createdAt, to),
          behindCursor(userCallHistory, page),
        ),
      )
      .orderBy(...newestFirst(userCallHistory))
      .limit(page.limit + 1);
    return toPage(rows, page, ({ position: _, ...record }) => record);
  }
}

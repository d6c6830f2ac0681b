import { Injectable } from '@nestjs/common';
import { and, eq, isNull, sql, type SQLWrapper } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import { Database } from '../../../../shared/database/database';
import type { CallReport } from '../../../providers/public/call-provider.port';
import type { Outcome } from '../../../providers/public/outcome';
import { CallHistory } from '../../application/ports/call-history.port';
import type { CallPlaced } from '../../public/call-placed.event';
import { userCallHistory } from './user-call-history.table';

const DETAILS = [
  'endedReason',
  'transcript',
  'summary',
  'analysis',
  'recordingUrl',
  'startedAt',
  'endedAt',
  'durationSeconds',
  'costMicros',
  'currency',
] as const;

@Injectable()
export class DrizzleCallHistory extends CallHistory {
  constructor(private readonly database: Database) {
    super();
  }

  async open(attempt: CallPlaced['attempt'], providerCallId: string): Promise<void> {
    const { id: attemptId, ...details } = attempt;
    await this.database.current
      .insert(userCallHistory)
      .values({ ...pick(details), attemptId, callId: providerCallId })
      .onConflictDoNothing({ target: userCallHistory.attemptId });
  }

  async merge(attemptId: string, report: CallReport): Promise<void> {
    const told = DETAILS.filter((detail) => report[detail] !== undefined);
    if (told.length === 0) return;
    const changes = told.map((detail) => {
      const column = userCallHistory[detail];
      const value = sql.param(report[detail], column);
      return [detail, choose(report, column, value)] as const;
    });
    await this.database.current
      .update(userCallHistory)
      .set(Object.fromEntries(changes))
      .where(eq(userCallHistory.attemptId, attemptId));
  }

  async close(attemptId: string, outcome: Outcome, status: 'completed' | 'failed'): Promise<void> {
    await this.database.current
      .update(userCallHistory)
      .set({ outcome, status })
      .where(and(eq(userCallHistory.attemptId, attemptId), isNull(userCallHistory.outcome)));
  }

  async correct(attemptId: string, outcome: Outcome): Promise<void> {
    await this.database.current.update(userCallHistory).set({ outcome }).where(eq(userCallHistory.attemptId, attemptId));
  }
}

/** Of what is known and what is told, the one that counts. */
function choose({ durationSeconds, analysis }: CallReport, known: AnyPgColumn, told: SQLWrapper) {
  if (durationSeconds === undefined) return sql`coalesce(${known}, ${told})`;
  if (analysis !== undefined) return sql`${told}`;
  return sql`case when ${userCallHistory.analysis} is null then ${told} else coalesce(${known}, ${told}) end`;
}

function pick({ userId, callQueueId, providerId, assistantId, phoneNumberId, recipientNumber }: Omit<CallPlaced['attempt'], 'id'>) {
  return { userId, callQueueId, providerId, assistantId, phoneNumberId, recipientNumber };
}

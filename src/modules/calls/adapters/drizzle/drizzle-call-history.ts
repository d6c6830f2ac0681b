import { Injectable } from '@nestjs/common';
import { eq, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { literal } from '../../../../shared/database/literal';
import type { CallReport } from '../../../providers/public/call-provider.port';
import type { Outcome } from '../../../providers/public/outcome';
import { ERASED_NUMBER } from '../../domain/erased';
import { CallHistory, type RecordedEnd } from '../../application/ports/call-history.port';
import type { CallPlaced } from '../../public/call-placed.event';
import type { CallReported } from '../../public/call-reported.event';
import { userCallHistory } from './user-call-history.table';

/** What a report may tell: the column that keeps it, and the type that it has there. */
const DETAILS = {
  endedReason: ['ended_reason', 'text'],
  transcript: ['transcript', 'text'],
  summary: ['summary', 'text'],
  analysis: ['analysis', 'jsonb'],
  recordingUrl: ['recording_url', 'text'],
  startedAt: ['started_at', 'timestamptz'],
  endedAt: ['ended_at', 'timestamptz'],
  durationSeconds: ['duration_seconds', 'integer'],
  costMicros: ['cost_micros', 'bigint'],
  currency: ['currency', 'text'],
} as const satisfies Partial<Record<keyof CallReport, readonly [column: string, type: string]>>;

const NAMES = Object.keys(DETAILS) as (keyof typeof DETAILS)[];
const COLUMNS = sql.raw(NAMES.map((name) => `"${name}" ${DETAILS[name][1]}`).join(', '));
/** Which column says that a detail was cleared for good. A report that comes after that brings nothing of it back. */
const CLEARED: Partial<Record<keyof typeof DETAILS, string>> = {
  transcript: 'transcript_cleared_at',
  summary: 'transcript_cleared_at',
  analysis: 'transcript_cleared_at',
  recordingUrl: 'recording_cleared_at',
};
/** What is told replaces what is known where the report is the later one, and only fills a gap otherwise. */
const CHOICES = sql.raw(
  NAMES.map((name) => {
    const [column] = DETAILS[name];
    const told = `told."${name}"`;
    const known = `history.${column}`;
    const cleared = CLEARED[name];
    return `${column} = case ${cleared ? `when history.${cleared} is not null then null` : ''} when told.replaces or (told."replacesUnlessAnalysed" and history.analysis is null)
      then coalesce(${told}, ${known}) else coalesce(${known}, ${told}) end`;
  }).join(', '),
);

/** A placement that is proven only after its user was erased brings nothing back. */
const CLEARED_IF_ERASED = sql`case when call.recipient_number = ${literal(ERASED_NUMBER)} then clock_timestamp() end`;

@Injectable()
export class DrizzleCallHistory extends CallHistory {
  constructor(private readonly database: Database) {
    super();
  }

  async open(placed: readonly Pick<CallPlaced, 'attempt' | 'providerCallId'>[]): Promise<void> {
    await this.database.change(sql`
      insert into user_call_history
        (user_id, call_queue_id, attempt_id, call_id, provider_id, assistant_id, phone_number_id, recipient_number,
         transcript_cleared_at, recording_cleared_at)
      select opened."userId", call.id, "attemptId", "callId", "providerId", "assistantId", "phoneNumberId",
             call.recipient_number, ${CLEARED_IF_ERASED}, ${CLEARED_IF_ERASED}
        from json_to_recordset(${literal(JSON.stringify(placed.map(toOpened)))}::json) as opened (
               "userId" uuid, "callQueueId" uuid, "attemptId" uuid, "callId" text, "providerId" uuid, "assistantId" uuid,
               "phoneNumberId" uuid)
        join call_queue as call on call.id = opened."callQueueId"
      on conflict (attempt_id) do nothing`);
  }

  async merge(reports: readonly CallReported[]): Promise<void> {
    const told = reports.filter(({ report }) => NAMES.some((name) => report[name] !== undefined)).map(toTold);
    if (told.length === 0) return;
    await this.database.current.execute(sql`
      update user_call_history as history set ${CHOICES}
        from json_to_recordset(${JSON.stringify(told)}::json) as told (
               "attemptId" uuid, replaces boolean, "replacesUnlessAnalysed" boolean, ${COLUMNS})
       where history.attempt_id = told."attemptId"`);
  }

  async close(ends: readonly RecordedEnd[]): Promise<void> {
    await this.database.change(sql`
      update user_call_history as history set outcome = ended.outcome, status = ended.status
        from json_to_recordset(${literal(JSON.stringify(ends))}::json) as ended ("attemptId" uuid, outcome text, status text)
       where history.attempt_id = ended."attemptId" and history.outcome is null`);
  }

  async correct(attemptId: string, outcome: Outcome): Promise<void> {
    await this.database.current.update(userCallHistory).set({ outcome }).where(eq(userCallHistory.attemptId, attemptId));
  }
}

function toTold({ attemptId, report }: CallReported) {
  const isMeasured = report.durationSeconds !== undefined;
  const replaces = isMeasured && report.analysis !== undefined;
  const details = Object.fromEntries(NAMES.map((name) => [name, report[name]]));
  return { attemptId, replaces, replacesUnlessAnalysed: isMeasured && !replaces, ...details };
}

function toOpened({ attempt, providerCallId }: Pick<CallPlaced, 'attempt' | 'providerCallId'>) {
  const { id, userId, callQueueId, providerId, assistantId, phoneNumberId } = attempt;
  return {
    ...{ userId, callQueueId, providerId, assistantId, phoneNumberId },
    attemptId: id,
    callId: providerCallId,
  };
}

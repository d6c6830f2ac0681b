import { z } from 'zod';
import { OUTCOMES } from '../../../providers/public/outcome';
import { pageOf, pageQuery } from '../../../../shared/http/page.schemas';
import { RECORD_STATUSES } from '../../domain/call-record';
import { id, instant } from './calls.schemas';

const time = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((text) => new Date(text))
  .optional();

export const CallHistoryQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(RECORD_STATUSES).optional(),
  outcome: z.enum(OUTCOMES).optional(),
  from: time.describe('Created at this time or later; a date or a date-time'),
  to: time.describe('Created before this time; a date or a date-time'),
});
export type CallHistoryQuery = z.infer<typeof CallHistoryQuery>;

const exampleRecord = {
  id: '0f2a7c11-5f6e-4f2a-8a50-2b1f7f3d9e10',
  callQueueId: '6d1f0c57-8d1b-4c3e-9f55-7a0b3f1d2c44',
  callId: 'vendor-call-1',
  providerId: '9a3c1e1d-5b7f-4c39-8b0e-61f3b5a7d201',
  assistantId: 'b4c5d6e7-1a2b-4c3d-9e8f-0a1b2c3d4e5f',
  phoneNumberId: 'c1d2e3f4-5a6b-4c7d-8e9f-1a2b3c4d5e6f',
  recipientNumber: '+12025550123',
  status: 'completed',
  outcome: 'completed',
  endedReason: 'customer-ended-call',
  transcript: 'AI: Good morning. User: Good morning.',
  summary: 'The appointment was confirmed.',
  recordingUrl: null,
  startedAt: '2026-11-22T16:12:20.000Z',
  endedAt: '2026-11-22T16:13:25.000Z',
  durationSeconds: 65,
  cost: { amount: 0.12, currency: 'USD' },
  createdAt: '2026-11-22T16:12:16.500Z',
};

export const CallRecordView = z
  .object({
    id,
    callQueueId: id.describe('The call'),
    callId: z.string().describe("The vendor's id"),
    providerId: id,
    assistantId: id,
    phoneNumberId: id,
    recipientNumber: z.string(),
    status: z.enum(RECORD_STATUSES),
    outcome: z.string().nullable().describe('How the call ended, such as `completed` or `no_answer`'),
    endedReason: z.string().nullable().describe("The vendor's own word for the end"),
    transcript: z.string().nullable(),
    summary: z.string().nullable(),
    recordingUrl: z.string().nullable(),
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    durationSeconds: z.int().nullable().describe('Connected time'),
    cost: z.object({ amount: z.number(), currency: z.string() }).nullable().describe('What the vendor charges'),
    createdAt: instant,
  })
  .meta({
    id: 'CallRecord',
    examples: [exampleRecord],
  });
export type CallRecordView = z.infer<typeof CallRecordView>;

export const CallRecordsView = pageOf(CallRecordView).meta({
  id: 'CallRecords',
  examples: [{ items: [exampleRecord], nextCursor: null }],
});
export type CallRecordsView = z.infer<typeof CallRecordsView>;

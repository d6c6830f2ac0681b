import { z } from 'zod';
import { pageOf, pageQuery } from '../../../../shared/http/page.schemas';
import { ATTEMPT_STATES } from '../../domain/attempt';
import { CALL_STATUSES } from '../../domain/call-status';

const MAX_BATCH = 1_000;
const MAX_NUMBER_LENGTH = 64;
const MAX_DAYS_AHEAD = 366;
const MS_PER_DAY = 86_400_000;

/** Any UUID, whatever its version: one that nobody has is not found rather than malformed. Written as the database does. */
export const id = z.guid().toLowerCase();
export const instant = z.iso.datetime();

const scheduledTime = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((time) => time.getTime() <= Date.now() + MAX_DAYS_AHEAD * MS_PER_DAY, 'must be within a year from now')
  .nullish()
  .describe('When the call is due. Absent or in the past: now. At most a year ahead');

const recipientNumber = z.string().min(1).max(MAX_NUMBER_LENGTH).describe('E.164, such as +12025550123');

const customVariables = z
  .record(z.string(), z.unknown())
  .default({})
  .describe("Values for the template's params, by name");

const EXAMPLE_TEMPLATE = '2b0d7f5e-3f0c-4f0e-8a11-0c9d1f5b7a01';

/** In schemas that transform, `examples` would get lost on the way to OpenAPI: hence `example`. */
export const PlaceCall = z
  .strictObject({
    templateId: id,
    recipientNumber,
    scheduledTime,
    customVariables,
    providerId: id.nullish().describe('The only provider that may place the call'),
  })
  .meta({
    id: 'PlaceCall',
    example: {
      templateId: EXAMPLE_TEMPLATE,
      recipientNumber: '+12025550123',
      customVariables: { name: 'Ada', day: '2026-12-01' },
    },
  });
export type PlaceCall = z.infer<typeof PlaceCall>;

export const PlaceCalls = z
  .strictObject({
    templateId: id,
    scheduledTime: scheduledTime.describe('For the rows that name none of their own'),
    calls: z.array(z.strictObject({ recipientNumber, customVariables, scheduledTime })).min(1).max(MAX_BATCH),
  })
  .meta({
    id: 'PlaceCalls',
    example: {
      templateId: EXAMPLE_TEMPLATE,
      calls: [
        { recipientNumber: '+12025550123', customVariables: { name: 'Ada' } },
        { recipientNumber: '+12025550124', customVariables: { name: 'Grace' } },
      ],
    },
  });
export type PlaceCalls = z.infer<typeof PlaceCalls>;

export const CallsQuery = z.strictObject({ ...pageQuery, status: z.enum(CALL_STATUSES).optional() });
export type CallsQuery = z.infer<typeof CallsQuery>;

const callFields = {
  id,
  status: z.enum(CALL_STATUSES),
  recipientNumber: z.string(),
  scheduledTime: instant.nullable(),
  templateId: id.nullable().describe('Null once the template is deleted'),
  providerId: id.nullable().describe('The provider of the latest attempt, before the first one the pinned provider'),
  customVariables: z.record(z.string(), z.unknown()),
  callId: z.string().nullable().describe("The vendor's id"),
  failure: z
    .object({ code: z.string(), detail: z.string() })
    .nullable()
    .describe('Why the call failed: a code such as `no_answer`, `quota_exceeded` or `placement_unknown`'),
  createdAt: instant,
  updatedAt: instant,
};

export const exampleCall = {
  id: '6d1f0c57-8d1b-4c3e-9f55-7a0b3f1d2c44',
  status: 'queued',
  recipientNumber: '+12025550123',
  scheduledTime: null,
  templateId: EXAMPLE_TEMPLATE,
  providerId: null,
  customVariables: { name: 'Ada', day: '2026-12-01' },
  callId: null,
  failure: null,
  createdAt: '2026-11-22T16:12:14.123Z',
  updatedAt: '2026-11-22T16:12:14.123Z',
};

export const CallView = z.object(callFields).meta({ id: 'Call', examples: [exampleCall] });
export type CallView = z.infer<typeof CallView>;

export const AttemptView = z
  .object({
    id,
    providerId: id,
    phoneNumberId: id,
    state: z.enum(ATTEMPT_STATES),
    callId: z.string().nullable().describe("The vendor's id"),
    outcome: z.string().nullable(),
    createdAt: instant,
    endedAt: instant.nullable(),
  })
  .meta({ id: 'Attempt' });
export type AttemptView = z.infer<typeof AttemptView>;

export const CallWithAttemptsView = z
  .object({ ...callFields, attempts: z.array(AttemptView) })
  .meta({ id: 'CallWithAttempts', examples: [{ ...exampleCall, attempts: [] }] });
export type CallWithAttemptsView = z.infer<typeof CallWithAttemptsView>;

export const CallsView = pageOf(CallView).meta({ id: 'Calls', examples: [{ items: [exampleCall], nextCursor: null }] });
export type CallsView = z.infer<typeof CallsView>;

export const BatchView = z
  .object({
    accepted: z.array(z.object({ index: z.int(), id })),
    rejected: z.array(z.object({ index: z.int(), code: z.string(), detail: z.string() })),
  })
  .meta({
    id: 'Batch',
    examples: [
      {
        accepted: [{ index: 0, id: exampleCall.id }],
        rejected: [{ index: 1, code: 'billing.quota_exceeded', detail: 'The allowance of this period is spent.' }],
      },
    ],
  });
export type BatchView = z.infer<typeof BatchView>;

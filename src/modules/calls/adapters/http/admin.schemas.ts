import { z } from 'zod';
import { pageOf, pageQuery } from '../../../../shared/http/page.schemas';
import { WAITING_REASONS } from '../../domain/explain-waiting';
import { CALL_STATUSES } from '../../domain/call-status';
import { CallView, exampleCall, id, instant } from './calls.schemas';

const count = z.int().min(0);

const REASONS =
  '`paused`: the queue is · `restored`: the database was restored from a backup, and the queue is not resumed yet · `next_claim`: nothing, they go out (or fail) with the next claim · `provider_paused`, ' +
  '`breaker_open`, `no_slot` · `no_number`: none is active, rested and allowed to call there · `no_assistant`, ' +
  '`provider_inactive`: it is switched off · `unreachable`: the provider could not be reached for these very calls a moment ago';

const exampleQueue = {
  paused: false,
  queued: 12,
  due: 7,
  oldestDueSeconds: 3,
  inProgress: 10,
  unknownPlacements: 0,
  waiting: [{ reason: 'no_slot', providerId: '9a3c1e1d-5b7f-4c39-8b0e-61f3b5a7d201', calls: 7, until: null }],
  providers: [
    {
      id: '9a3c1e1d-5b7f-4c39-8b0e-61f3b5a7d201',
      name: 'Main account',
      priority: 1,
      concurrencyLimit: 10,
      inUse: 10,
      health: 'closed',
      pausedUntil: null,
      pausedByHand: false,
      effectiveLimit: 10,
    },
  ],
};

export const QueueAnswer = z
  .object({
    paused: z.boolean().describe('While true, dispatchers claim nothing'),
    queued: count,
    due: count.describe('Queued calls whose time has come'),
    oldestDueSeconds: count.nullable().describe('How long the oldest of them has been due; null when none is'),
    inProgress: count,
    unknownPlacements: count.describe('Attempts of which nobody knows yet whether they took place'),
    waiting: z
      .array(
        z.object({
          reason: z.enum(WAITING_REASONS).describe(REASONS),
          providerId: id.nullable().describe('Null where the reason is no provider’s'),
          calls: count,
          until: instant.nullable().describe('When it ends by itself, where that is known'),
        }),
      )
      .describe('Why due calls wait, the reason of most calls first'),
    providers: z.array(
      z.object({
        id,
        name: z.string(),
        priority: z.int().describe('1 is asked first'),
        concurrencyLimit: count,
        inUse: count.describe('Attempts that hold a slot'),
        health: z.enum(['closed', 'open', 'half-open']),
        pausedUntil: instant.nullable(),
        pausedByHand: z.boolean().describe('While true, `pausedUntil` null means until the provider is resumed'),
        effectiveLimit: count.describe(
          'Calls at once just now: lowered by concurrency refusals, climbing back by itself',
        ),
      }),
    ),
  })
  .meta({
    id: 'Queue',
    examples: [exampleQueue],
  });
export type QueueAnswer = z.infer<typeof QueueAnswer>;

export const StopRequest = z
  .strictObject({ hangUp: z.boolean().optional().describe('Whether calls under way are ended; omitted = false') })
  .default({})
  .meta({ id: 'StopQueue', examples: [{ hangUp: true }] });
export type StopRequest = z.infer<typeof StopRequest>;

export const ChangedQueue = QueueAnswer.partial()
  .required({ paused: true })
  .meta({
    id: 'ChangedQueue',
    description:
      'After the change. Where the queue could not be looked at, only what is certain: the change took effect',
    examples: [{ ...exampleQueue, paused: true }],
  });
export type ChangedQueue = z.infer<typeof ChangedQueue>;

export const StoppedQueue = ChangedQueue.extend({
  hangingUp: count.describe(
    'Calls that are still to be hung up, by this stop or an earlier one, those included of which nobody knows yet ' +
      'whether they are live',
  ),
}).meta({ id: 'StoppedQueue', examples: [{ ...exampleQueue, paused: true, hangingUp: 10 }] });
export type StoppedQueue = z.infer<typeof StoppedQueue>;

export const AdminCallsQuery = z.strictObject({
  ...pageQuery,
  userId: id.optional(),
  status: z.enum(CALL_STATUSES).optional(),
});
export type AdminCallsQuery = z.infer<typeof AdminCallsQuery>;

const AdminCallView = CallView.extend({ userId: id.nullable().describe('Null once the user is erased') }).meta({
  id: 'AdminCall',
});

export const AdminCallsView = pageOf(AdminCallView).meta({
  id: 'AdminCalls',
  examples: [{ items: [{ ...exampleCall, userId: '7d4d2b9e-5a38-4c6d-9c40-0b5f6f0f7a11' }], nextCursor: null }],
});
export type AdminCallsView = z.infer<typeof AdminCallsView>;

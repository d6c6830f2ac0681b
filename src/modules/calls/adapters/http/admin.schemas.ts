import { z } from 'zod';
import { pageOf, pageQuery } from '../../../../shared/http/page.schemas';
import { CALL_STATUSES } from '../../domain/call-status';
import { CallView, id, instant } from './calls.schemas';

const count = z.int().min(0);

export const QueueAnswer = z
  .object({
    paused: z.boolean().describe('While true, dispatchers claim nothing'),
    queued: count,
    due: count.describe('Queued calls whose time has come'),
    oldestDueSeconds: count.nullable().describe('How long the oldest of them has been due; null when none is'),
    inProgress: count,
    unknownPlacements: count.describe('Attempts of which nobody knows yet whether they took place'),
    providers: z.array(
      z.object({
        id,
        name: z.string(),
        priority: z.int().describe('1 is asked first'),
        concurrencyLimit: count,
        inUse: count.describe('Attempts that hold a slot'),
        health: z.enum(['closed', 'open', 'half-open']),
        pausedUntil: instant.nullable(),
      }),
    ),
  })
  .meta({
    id: 'Queue',
    examples: [
      {
        paused: false,
        queued: 12,
        due: 7,
        oldestDueSeconds: 3,
        inProgress: 10,
        unknownPlacements: 0,
        providers: [
          {
            id: '9a3c1e1d-5b7f-4c39-8b0e-61f3b5a7d201',
            name: 'Main account',
            priority: 1,
            concurrencyLimit: 10,
            inUse: 10,
            health: 'closed',
            pausedUntil: null,
          },
        ],
      },
    ],
  });
export type QueueAnswer = z.infer<typeof QueueAnswer>;

export const AdminCallsQuery = z.strictObject({
  ...pageQuery,
  userId: id.optional(),
  status: z.enum(CALL_STATUSES).optional(),
});
export type AdminCallsQuery = z.infer<typeof AdminCallsQuery>;

const AdminCallView = CallView.extend({ userId: id.nullable().describe('Null once the user is erased') }).meta({
  id: 'AdminCall',
});

export const AdminCallsView = pageOf(AdminCallView).meta({ id: 'AdminCalls' });
export type AdminCallsView = z.infer<typeof AdminCallsView>;

import { z } from 'zod';
import { pageOf, pageQuery } from './page.schemas';

export const AuditQuery = z.strictObject({
  ...pageQuery,
  subjectId: z.uuid().optional().describe('Only changes of this provider, phone number, assistant or user'),
  action: z
    .string()
    .regex(/^[a-z_]{1,50}\.[a-z_]{1,50}$/, 'Must be an action such as provider.change')
    .optional()
    .describe('Only changes of this sort'),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

const snapshot = z.record(z.string(), z.unknown()).nullable();

const AuditEntryView = z
  .object({
    id: z.uuid(),
    action: z
      .string()
      .describe(
        '`provider.`, `phone_number.` and `assistant.` with `create`, `change`, `remove`; `provider.` also with ' +
          '`change_credentials`, `rotate_credentials`, `import`, `pause`, `resume`; `queue.pause` and `queue.resume`; ' +
          '`user_limits.` with `create`, `change`, `remove`',
      ),
    subject: z.object({
      kind: z.string().describe('provider, phone_number, assistant, queue, user_limits'),
      id: z.uuid().nullable().describe('Null for the queue; of user_limits the user'),
    }),
    actor: z.object({
      kind: z
        .enum(['user', 'service', 'system'])
        .describe('An administrator, an internal service, or this service by itself (configuration, command line)'),
      userId: z.uuid().nullable().describe('The administrator, or the user whom an internal service named'),
    }),
    before: snapshot.describe('What changed, as it was; null for what is new. Credentials only as set and key id'),
    after: snapshot.describe('What changed, as it became; null for what is gone'),
    requestId: z.string().nullable().describe('The `x-request-id` of the request; null outside of requests'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'AuditEntry' });

export const AuditEntriesView = pageOf(AuditEntryView).meta({
  id: 'AuditEntries',
  examples: [
    {
      items: [
        {
          id: '5b0f4c52-8f0e-4d4a-9f5c-2f1c7b1c9a10',
          action: 'provider.change',
          subject: { kind: 'provider', id: '9a3c1e1d-5b7f-4c39-8b0e-61f3b5a7d201' },
          actor: { kind: 'user', userId: '7d4d2b9e-5a38-4c6d-9c40-0b5f6f0f7a11' },
          before: { priority: 1 },
          after: { priority: 2 },
          requestId: '0f8b4c1e-6a53-4c0e-9d5e-0d6a3a1b7c2d',
          createdAt: '2026-11-22T16:12:14.123Z',
        },
      ],
      nextCursor: null,
    },
  ],
});
export type AuditEntriesView = z.infer<typeof AuditEntriesView>;

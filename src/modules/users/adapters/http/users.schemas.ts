import { z } from 'zod';

const name = z.string().trim().min(1).max(200).nullable();
/** A user's settings are small; more than this is somebody's storage. */
const MAX_PREFERENCES_CHARACTERS = 20_000;

const preferences = z
  .record(z.string(), z.json())
  .refine((value) => JSON.stringify(value).length <= MAX_PREFERENCES_CHARACTERS, {
    message: `Must not exceed ${String(MAX_PREFERENCES_CHARACTERS)} characters as JSON`,
  });

export const ChangeMe = z
  .strictObject({
    firstName: name.optional(),
    lastName: name.optional(),
    phoneNumber: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/, 'Must be an E.164 number such as +12025550123')
      .nullable()
      .optional(),
    address: z.string().trim().min(1).max(1_000).nullable().optional(),
    preferences: preferences.optional(),
  })
  .meta({ id: 'ChangeMe', examples: [{ firstName: 'Ada', phoneNumber: '+12025550123' }] });
export type ChangeMe = z.infer<typeof ChangeMe>;

export const MeView = z
  .object({
    id: z.uuid(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    phoneNumber: z.string().nullable(),
    email: z.string().nullable(),
    address: z.string().nullable(),
    preferences: z.record(z.string(), z.json()),
    status: z
      .enum(['active', 'inactive'])
      .describe('Inactive until a subscription is live; inactive users cannot queue calls'),
  })
  .meta({
    id: 'Me',
    examples: [
      {
        id: '7b1a3c52-0d64-4f8e-9c8e-2f6f5d0f1a11',
        firstName: 'Ada',
        lastName: 'Byron',
        phoneNumber: '+12025550123',
        email: 'ada@example.com',
        address: null,
        preferences: { language: 'en' },
        status: 'active',
      },
    ],
  });

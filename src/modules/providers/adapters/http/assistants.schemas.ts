import { z } from 'zod';
import { pageOf, pageQuery } from '../../../../shared/http/page.schemas';

const instant = z.iso.datetime();

const assistant = {
  externalId: z.string().min(1).max(200).describe("The vendor's id for the assistant"),
  name: z.string().trim().min(1).max(200),
  isActive: z.boolean(),
};

export const AddAssistant = z
  .strictObject({ providerId: z.uuid(), ...assistant, isActive: assistant.isActive.default(true) })
  .meta({
    id: 'AddAssistant',
    examples: [
      {
        providerId: '9a3c1e1d-5b7f-4c39-8b0e-61f3b5a7d201',
        externalId: 'e4d3c2b1-0a9f-4e8d-9c7b-6a5f4e3d2c1b',
        name: 'Appointment reminder',
      },
    ],
  });
export type AddAssistant = z.infer<typeof AddAssistant>;

export const PatchAssistant = z
  .strictObject(assistant)
  .partial()
  .meta({ id: 'PatchAssistant', examples: [{ name: 'Reminder, friendlier', isActive: true }] });
export type PatchAssistant = z.infer<typeof PatchAssistant>;

const ASSISTANT_EXAMPLE = {
  id: '61f0a9d4-2b7c-4d5e-8f36-7a1b2c3d4e5f',
  providerId: '9a3c1e1d-5b7f-4c39-8b0e-61f3b5a7d201',
  externalId: 'e4d3c2b1-0a9f-4e8d-9c7b-6a5f4e3d2c1b',
  name: 'Appointment reminder',
  isActive: true,
  createdAt: '2026-11-22T16:12:14.123Z',
  updatedAt: '2026-11-22T16:12:14.123Z',
};

export const AssistantView = z
  .object({
    id: z.uuid(),
    providerId: z.uuid(),
    externalId: z.string(),
    name: z.string(),
    isActive: z.boolean(),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Assistant', examples: [ASSISTANT_EXAMPLE] });
export type AssistantView = z.infer<typeof AssistantView>;

export const AssistantsView = pageOf(AssistantView).meta({
  id: 'Assistants',
  examples: [{ items: [ASSISTANT_EXAMPLE], nextCursor: null }],
});
export type AssistantsView = z.infer<typeof AssistantsView>;

export const AssistantsQuery = z.strictObject(pageQuery);
export type AssistantsQuery = z.infer<typeof AssistantsQuery>;

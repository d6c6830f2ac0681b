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
  .meta({ id: 'AddAssistant' });
export type AddAssistant = z.infer<typeof AddAssistant>;

export const PatchAssistant = z.strictObject(assistant).partial().meta({ id: 'PatchAssistant' });
export type PatchAssistant = z.infer<typeof PatchAssistant>;

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
  .meta({ id: 'Assistant' });
export type AssistantView = z.infer<typeof AssistantView>;

export const AssistantsView = pageOf(AssistantView).meta({ id: 'Assistants' });
export type AssistantsView = z.infer<typeof AssistantsView>;

export const AssistantsQuery = z.strictObject(pageQuery);
export type AssistantsQuery = z.infer<typeof AssistantsQuery>;

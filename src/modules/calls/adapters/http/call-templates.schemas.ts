import { z } from 'zod';
import { pageOf, pageQuery } from '../../../../shared/http/page.schemas';
import type { TemplateContent } from '../../domain/template';
import { PARAM_TYPES } from '../../domain/template-params';
import { MAX_TEXT_LENGTH } from '../../domain/validate-variables';
import { id } from './calls.schemas';

const MAX_PARAMS = 50;
const MAX_TAGS = 20;
const MAX_FALLBACKS = 20;
const MAX_CHOICES = 100;

/** A letter first: assistants read the names as identifiers. */
const paramName = z.string().regex(/^[A-Za-z][\w-]{0,63}$/, 'must be a name of letters, digits, _ and -');
const paramValue = z.union([z.string().max(MAX_TEXT_LENGTH), z.number(), z.boolean()]);

const TemplateParam = z
  .strictObject({
    type: z.enum(PARAM_TYPES),
    label: z.string().max(200).optional(),
    required: z.boolean().optional(),
    default: paramValue.optional(),
    maxLength: z.int().min(1).max(MAX_TEXT_LENGTH).optional().describe('For texts only, in characters'),
    enum: z.array(paramValue).min(1).max(MAX_CHOICES).optional(),
  })
  .meta({ id: 'TemplateParam' });

const params = z
  .record(paramName, TemplateParam)
  .refine((given) => Object.keys(given).length <= MAX_PARAMS, `must have at most ${String(MAX_PARAMS)} params`);

const fields = {
  name: z.string().trim().min(1).max(200),
  description: z.string().max(5_000),
  category: z.string().trim().min(1).max(100).nullable(),
  tags: z.array(z.string().trim().min(1).max(50)).max(MAX_TAGS),
  isPublic: z.boolean().describe('Whether every user sees the template'),
  providerId: id.nullable().describe('Pins every call of the template to one provider'),
  assistantId: id.nullable(),
  fallbackAssistantIds: z.array(id).max(MAX_FALLBACKS).describe('One per further provider'),
  params: params.describe('The variables, by name'),
  paramsOrder: z.array(z.string()).max(MAX_PARAMS).describe('Every name once, in the order in which they are asked'),
  maxDurationSeconds: z.int().min(10).max(43_200).nullable().describe("Null: the service's default"),
};

const example = {
  name: 'Appointment reminder',
  description: 'Reminds of an appointment and asks for a confirmation.',
  category: 'reminders',
  tags: ['appointment'],
  isPublic: false,
  providerId: null,
  assistantId: 'b4c5d6e7-1a2b-4c3d-9e8f-0a1b2c3d4e5f',
  fallbackAssistantIds: [],
  params: {
    name: { type: 'string', label: 'Name', required: true, maxLength: 80 },
    day: { type: 'date', label: 'Day', required: true },
  },
  paramsOrder: ['name', 'day'],
  maxDurationSeconds: 300,
};

export const NewTemplate = z
  .strictObject({
    ...fields,
    description: fields.description.default(''),
    category: fields.category.default(null),
    tags: fields.tags.default([]),
    isPublic: fields.isPublic.default(false),
    providerId: fields.providerId.default(null),
    assistantId: fields.assistantId.default(null),
    fallbackAssistantIds: fields.fallbackAssistantIds.default([]),
    params: fields.params.default({}),
    paramsOrder: fields.paramsOrder.optional(),
    maxDurationSeconds: fields.maxDurationSeconds.default(null),
  })
  .transform(({ paramsOrder, ...given }): TemplateContent => ({
    ...given,
    paramsOrder: paramsOrder ?? Object.keys(given.params),
  }))
  .meta({ id: 'NewTemplate', example });
export type NewTemplate = z.infer<typeof NewTemplate>;

export const ChangeTemplate = z
  .strictObject(fields)
  .partial()
  .meta({ id: 'ChangeTemplate', examples: [{ name: 'Reminder', isPublic: true }] });
export type ChangeTemplate = z.infer<typeof ChangeTemplate>;

export const TemplatesQuery = z.strictObject({
  ...pageQuery,
  q: z.string().max(200).optional().describe('Part of the name or the description'),
  category: z.string().max(100).optional(),
  tag: z.string().max(50).optional(),
});
export type TemplatesQuery = z.infer<typeof TemplatesQuery>;

const exampleTemplate = {
  id: '2b0d7f5e-3f0c-4f0e-8a11-0c9d1f5b7a01',
  ...example,
  createdBy: '7b1a3c52-0d64-4f8e-9c8e-2f6f5d0f1a11',
};

export const TemplateView = z
  .object({
    id,
    ...fields,
    createdBy: id.nullable().describe('The owner; null once erased'),
    maxDurationSeconds: z.int().optional().describe("Absent: the service's default"),
  })
  .meta({
    id: 'Template',
    examples: [exampleTemplate],
  });

export const TemplatesView = pageOf(TemplateView).meta({
  id: 'Templates',
  examples: [{ items: [exampleTemplate], nextCursor: null }],
});

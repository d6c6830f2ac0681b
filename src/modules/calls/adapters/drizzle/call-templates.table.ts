import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { recordedTimes } from '../../../../shared/database/columns';
import type { TemplateParams } from '../../domain/template-params';

export const callTemplates = pgTable(
  'call_templates',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    category: text('category'),
    tags: text('tags').array().notNull().default(sql`'{}'`),
    isPublic: boolean('is_public').notNull().default(false),
    createdBy: uuid('created_by'),
    /** Pins every call of the template to one provider. */
    providerId: uuid('provider_id'),
    assistantId: uuid('assistant_id'),
    params: jsonb('params').$type<TemplateParams>().notNull().default({}),
    paramsOrder: text('params_order').array().notNull().default(sql`'{}'`),
    maxDurationSeconds: integer('max_duration_seconds'),
    ...recordedTimes(),
  },
  (table) => [
    index('call_templates_own_list_idx').on(table.createdBy, table.createdAt.desc(), table.id.desc()),
    index('call_templates_public_list_idx').on(table.createdAt.desc(), table.id.desc()).where(sql`is_public`),
    index('call_templates_provider_id_idx').on(table.providerId),
    index('call_templates_assistant_id_idx').on(table.assistantId),
    check('call_templates_max_duration_check', sql`${table.maxDurationSeconds} between 10 and 43200`),
  ],
);

/** The assistants that say the same at further providers. */
export const callTemplateAssistants = pgTable(
  'call_template_assistants',
  {
    templateId: uuid('template_id')
      .notNull()
      .references(() => callTemplates.id, { onDelete: 'cascade' }),
    providerId: uuid('provider_id').notNull(),
    assistantId: uuid('assistant_id').notNull(),
    ...recordedTimes(),
  },
  (table) => [
    primaryKey({ name: 'call_template_assistants_pkey', columns: [table.templateId, table.providerId] }),
    index('call_template_assistants_provider_id_idx').on(table.providerId),
    index('call_template_assistants_assistant_id_idx').on(table.assistantId),
  ],
);

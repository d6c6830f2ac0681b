import { boolean, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { recordedTimes } from '../../../../shared/database/columns';
import { callServiceProviders } from './call-service-providers.table';

export const providerAssistants = pgTable(
  'provider_assistants',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    providerId: uuid('provider_id')
      .notNull()
      .references(() => callServiceProviders.id),
    /** The vendor's id for the assistant. */
    externalId: text('external_id').notNull(),
    name: text('name').notNull(),
    isActive: boolean('is_active').notNull().default(true),
    ...recordedTimes(),
  },
  (table) => [
    unique('provider_assistants_provider_external_key').on(table.providerId, table.externalId),
    /** What templates refer to, so that an assistant cannot be named for a provider that it does not belong to. */
    unique('provider_assistants_id_provider_key').on(table.id, table.providerId),
  ],
);

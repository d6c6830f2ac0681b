import { boolean, index, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { instant, recordedTimes } from '../../../../shared/database/columns';
import { callServiceProviders } from './call-service-providers.table';

export const providerPhoneNumbers = pgTable(
  'provider_phone_numbers',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    providerId: uuid('provider_id')
      .notNull()
      .references(() => callServiceProviders.id),
    /** The vendor's id for the number. */
    phoneId: text('phone_id').notNull(),
    countryCode: text('country_code').notNull(),
    areaCode: text('area_code'),
    phoneNumber: text('phone_number').notNull(),
    /** E.164. */
    fullNumber: text('full_number').notNull(),
    isActive: boolean('is_active').notNull().default(true),
    capabilities: jsonb('capabilities').$type<string[]>().notNull().default(['voice']),
    lastUsedAt: instant('last_used_at'),
    quarantinedUntil: instant('quarantined_until'),
    quarantineReason: text('quarantine_reason'),
    ...recordedTimes(),
  },
  (table) => [
    unique('provider_phone_numbers_provider_phone_key').on(table.providerId, table.phoneId),
    index('provider_phone_numbers_choice_idx').on(table.providerId, table.lastUsedAt.asc().nullsFirst()),
  ],
);

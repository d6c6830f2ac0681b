import { asc, inArray, sql } from 'drizzle-orm';
import type { Executor } from '../../../../shared/database/database';
import { destinationsOf, mayCall } from '../../domain/capabilities';
import { effectiveLimit } from '../../domain/effective-limit';
import { awaitsProbe, holdOf } from '../../domain/provider-health';
import type { LockedProvider, ProviderLine } from '../../public/provider-pool.port';
import { callServiceProviders } from './call-service-providers.table';
import { providerHealth } from './provider-health-columns';

type StoredLine = Omit<ProviderLine, 'destinations'> & { readonly capabilities: readonly string[] };

/** Numbers that do not rest, the one unused longest first. Names in full: drizzle would drop the tables' names in here. */
const phoneNumbers = sql<readonly StoredLine[]>`(
  select coalesce(
    json_agg(
      json_build_object('id', number.id, 'externalId', number.phone_id, 'fullNumber', number.full_number,
        'countryCode', number.country_code, 'areaCode', number.area_code, 'capabilities', number.capabilities)
      order by number.last_used_at nulls first, number.id
    ), '[]')
  from provider_phone_numbers number
  where number.provider_id = call_service_providers.id and number.is_active
    and (number.quarantined_until is null or number.quarantined_until <= clock_timestamp()))`;

const assistants = sql<Readonly<Record<string, string>>>`(
  select coalesce(json_object_agg(assistant.id, assistant.external_id), '{}')
  from provider_assistants assistant
  where assistant.provider_id = call_service_providers.id and assistant.is_active)`;

const { id, priority, concurrencyLimit } = callServiceProviders;

/**
 * The state of the providers, in the order of ids, with the snapshot of this very statement. Whoever holds their locks
 * already therefore reads what the last holder committed: the statement that waited for the locks would not.
 */
export async function readLocked(executor: Executor, ids: readonly string[]): Promise<readonly LockedProvider[]> {
  const rows = await executor
    .select({ id, priority, concurrencyLimit, phoneNumbers, assistants, ...providerHealth })
    .from(callServiceProviders)
    .where(inArray(id, [...ids]))
    .orderBy(asc(id));
  return rows.map((row) => {
    const hold = holdOf(row);
    return {
      id: row.id,
      priority: row.priority,
      limit: effectiveLimit(row.concurrencyLimit, row),
      phoneNumbers: row.phoneNumbers.filter((line) => mayCall(line.capabilities)).map(toLine),
      assistants: new Map(Object.entries(row.assistants)),
      ...(hold ? { hold } : {}),
      ...(awaitsProbe(row) ? { probe: true as const } : {}),
    };
  });
}

const toLine = ({ capabilities, ...line }: StoredLine): ProviderLine => ({
  ...line,
  destinations: destinationsOf(capabilities),
});

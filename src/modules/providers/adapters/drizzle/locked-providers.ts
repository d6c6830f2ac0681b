import { type SQL, sql } from 'drizzle-orm';
import type { Database, Executor } from '../../../../shared/database/database';
import { destinationsOf, mayCall } from '../../domain/capabilities';
import { effectiveLimit, type LoweredLimit } from '../../domain/effective-limit';
import { awaitsProbe, holdOf, type ProviderHealth } from '../../domain/provider-health';
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

const { id, name, driver, baseUrl, apiCredentials, priority, concurrencyLimit, isActive } = callServiceProviders;

const STATE = {
  id,
  name,
  driver,
  baseUrl,
  encryptedCredentials: apiCredentials,
  priority,
  concurrencyLimit,
  phoneNumbers,
  assistants,
  ...providerHealth,
};

interface StateRow extends ProviderHealth, LoweredLimit, Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly baseUrl: string | null;
  readonly encryptedCredentials: string;
  readonly priority: number;
  readonly concurrencyLimit: number;
  readonly phoneNumbers: readonly StoredLine[];
  readonly assistants: Readonly<Record<string, string>>;
}

/** Where the first statement tells the second one what it has locked, until the transaction ends. */
const LOCKED = 'ringonce.locked_providers';

/**
 * Locks the active providers in the order of ids, then reads them with the snapshot of another statement: the one that
 * waited for the locks would not see what the last holder committed. Neither has a parameter, so that both, with what
 * else is asked for in turn, take one round trip.
 */
export async function lockAndRead(database: Database): Promise<readonly LockedProvider[]> {
  const [, rows] = await Promise.all([
    database.inTurn(sql`
      select set_config(${sql.raw(`'${LOCKED}'`)}, coalesce(string_agg(id::text, ','), ''), true)
        from (select id from ${callServiceProviders} where is_active order by id for no key update) as locked`),
    database.inTurn<StateRow>(
      stateWhere(sql`${id} = any (string_to_array(current_setting(${sql.raw(`'${LOCKED}'`)}), ',')::uuid[])`),
    ),
  ]);
  return rows.map(toLocked);
}

/** The same without any lock. */
export async function readActive(executor: Executor): Promise<readonly LockedProvider[]> {
  const { rows } = await executor.execute<StateRow>(stateWhere(sql`${isActive}`));
  return rows.map(toLocked);
}

function stateWhere(condition: SQL): SQL {
  const columns = Object.entries(STATE).map(([as, column]) => sql`${column} as ${sql.identifier(as)}`);
  return sql`select ${sql.join(columns, sql`, `)} from ${callServiceProviders} where ${condition} order by ${id}`;
}

function toLocked(row: StateRow): LockedProvider {
  const hold = holdOf(row);
  return {
    id: row.id,
    priority: row.priority,
    limit: effectiveLimit(row.concurrencyLimit, row),
    phoneNumbers: row.phoneNumbers.filter((line) => mayCall(line.capabilities)).map(toLine),
    assistants: new Map(Object.entries(row.assistants)),
    account: {
      name: row.name,
      driver: row.driver,
      baseUrl: row.baseUrl,
      encryptedCredentials: row.encryptedCredentials,
    },
    ...(hold ? { hold } : {}),
    ...(awaitsProbe(row) ? { probe: true as const } : {}),
  };
}

const toLine = ({ capabilities, ...line }: StoredLine): ProviderLine => ({
  ...line,
  destinations: destinationsOf(capabilities),
});

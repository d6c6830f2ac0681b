import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../../shared/database/database';
import { uuids } from '../../../../shared/database/literal';
import { destinationsOf, mayCall } from '../../domain/capabilities';
import { effectiveLimit } from '../../domain/effective-limit';
import { awaitsProbe, holdOf, type ProviderHealth } from '../../domain/provider-health';
import type { LockedProvider, ProviderLine } from '../../public/provider-pool.port';

type StoredLine = Omit<ProviderLine, 'destinations'> & { readonly capabilities: readonly string[] };

/** A row of `ringonce.active_providers`: phone numbers that do not rest, the one unused longest first. */
interface State {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly baseUrl: string | null;
  readonly encryptedCredentials: string;
  readonly priority: number;
  readonly concurrencyLimit: number;
  readonly health: ProviderHealth;
  readonly phoneNumbers: readonly StoredLine[];
  readonly assistants: Readonly<Record<string, string>>;
}

/**
 * Locks the active providers in the order of ids, and reads them as the last holder left them, by one function whose
 * plans stay with the connection. What is asked for in turn behind it takes the same round trip.
 */
export function lockAndRead(database: Database): Promise<readonly LockedProvider[]> {
  return activeProviders(database, sql`ringonce.active_providers(true)`);
}

/** The same without any lock. */
export function readActive(database: Database): Promise<readonly LockedProvider[]> {
  return activeProviders(database, sql`ringonce.active_providers(false)`);
}

/** How the provider's health stands, without any lock, in turn with what else is asked for; undefined: no such provider. */
export async function readHealth(database: Database, providerId: string): Promise<ProviderHealth | undefined> {
  const [row] = await database.inTurn<{ health: ProviderHealth | null }>(
    sql`select ringonce.health_of_provider(one) as health from unnest(${uuids([providerId])}) as one`,
  );
  return row?.health ?? undefined;
}

async function activeProviders(database: Database, source: SQL): Promise<readonly LockedProvider[]> {
  const rows = await database.inTurn<{ state: State }>(sql`select state from ${source}`);
  return rows.map(({ state }) => toLocked(state));
}

function toLocked(row: State): LockedProvider {
  const hold = holdOf(row.health);
  return {
    id: row.id,
    priority: row.priority,
    limit: effectiveLimit(row.concurrencyLimit, row.health),
    phoneNumbers: row.phoneNumbers.filter((line) => mayCall(line.capabilities)).map(toLine),
    assistants: new Map(Object.entries(row.assistants)),
    account: {
      name: row.name,
      driver: row.driver,
      baseUrl: row.baseUrl,
      encryptedCredentials: row.encryptedCredentials,
    },
    ...(hold ? { hold } : {}),
    ...(awaitsProbe(row.health) ? { probe: true as const } : {}),
  };
}

const toLine = ({ capabilities, ...line }: StoredLine): ProviderLine => ({
  ...line,
  destinations: destinationsOf(capabilities),
});

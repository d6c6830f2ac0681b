import { Injectable } from '@nestjs/common';
import { and, asc, eq, type SQL, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { behindCursor, newestFirst, position, toPage } from '../../../../shared/database/keyset';
import { WAKE_CHANNEL } from '../../../../shared/database/wake-channel';
import type { Page, PageRequest } from '../../../../shared/kernel/page';
import { type NewSuspension, ProviderAccounts } from '../../application/ports/provider-accounts.port';
import { effectiveLimit } from '../../domain/effective-limit';
import type { NewProvider, Provider, ProviderChanges } from '../../domain/provider';
import { ProviderNameTaken, StillInUse } from '../../domain/providers.errors';
import { callServiceProviders } from './call-service-providers.table';
import { refusing } from './database-refusals';
import { HEALTHY_COLUMNS, suspensionOf, visiblePauses } from './provider-health-columns';

const table = callServiceProviders;

const asRow = {
  id: table.id,
  name: table.name,
  driver: table.driver,
  type: table.type,
  encryptedCredentials: table.apiCredentials,
  baseUrl: table.baseUrl,
  concurrencyLimit: table.concurrencyLimit,
  priority: table.priority,
  isActive: table.isActive,
  health: table.health,
  createdAt: table.createdAt,
  updatedAt: table.updatedAt,
  ...visiblePauses,
};

type Row = Omit<Provider, 'suspension' | 'effectiveLimit'> &
  Parameters<typeof suspensionOf>[0] &
  Parameters<typeof effectiveLimit>[1];

@Injectable()
export class DrizzleProviderAccounts extends ProviderAccounts {
  constructor(private readonly database: Database) {
    super();
  }

  async list(request: PageRequest): Promise<Page<Provider>> {
    const rows = await this.database.current
      .select({ ...asRow, position: position(table) })
      .from(table)
      .where(behindCursor(table, request))
      .orderBy(...newestFirst(table))
      .limit(request.limit + 1);
    return toPage(rows, request, toProvider);
  }

  async ids(): Promise<readonly string[]> {
    const rows = await this.database.current.select({ id: table.id }).from(table).orderBy(asc(table.id));
    return rows.map(({ id }) => id);
  }

  async find(id: string): Promise<Provider | undefined> {
    const [row] = await this.database.current.select(asRow).from(table).where(eq(table.id, id));
    return row && toProvider(row);
  }

  async lock(id: string): Promise<Provider | undefined> {
    const [row] = await this.database.current.select(asRow).from(table).where(eq(table.id, id)).for('no key update');
    return row && toProvider(row);
  }

  async add({ encryptedCredentials, ...provider }: NewProvider): Promise<Provider> {
    const [row] = await refusing({ unique: () => new ProviderNameTaken() }, () =>
      this.database.current
        .insert(table)
        .values({ ...provider, apiCredentials: encryptedCredentials })
        .returning(asRow),
    );
    if (!row) throw new Error('The insert returned no row');
    return toProvider(row);
  }

  async change(id: string, changes: ProviderChanges): Promise<Provider | undefined> {
    const { encryptedCredentials, clearsHealth, ...rest } = changes;
    const values = {
      ...rest,
      ...(encryptedCredentials === undefined ? {} : { apiCredentials: encryptedCredentials }),
      ...(rest.concurrencyLimit === undefined ? {} : { loweredLimit: null, limitLoweredAt: null }),
      ...(clearsHealth ? HEALTHY_COLUMNS : {}),
    };
    if (Object.keys(values).length === 0) return this.find(id);
    const changed = await refusing({ unique: () => new ProviderNameTaken() }, () =>
      this.update(values, eq(table.id, id)),
    );
    // A higher limit, or a provider that takes part again, is room for calls that wait.
    if (changed) await this.wakeDispatchers();
    return changed;
  }

  async reencrypt(id: string, encryptedCredentials: string): Promise<Provider | undefined> {
    return this.update({ apiCredentials: encryptedCredentials }, eq(table.id, id));
  }

  async suspend(id: string, { until, reason }: NewSuspension): Promise<Provider | undefined> {
    const values = { suspendedAt: sql`clock_timestamp()`, suspendedUntil: until, suspensionReason: reason };
    const isAhead = until === null ? undefined : sql`${until.toISOString()}::timestamptz > clock_timestamp()`;
    return this.update(values, and(eq(table.id, id), isAhead));
  }

  async resume(id: string): Promise<Provider | undefined> {
    const values = { ...HEALTHY_COLUMNS, suspendedAt: null, suspendedUntil: null, suspensionReason: null };
    const resumed = await this.update(values, eq(table.id, id));
    if (resumed) await this.wakeDispatchers();
    return resumed;
  }

  async remove(id: string): Promise<boolean> {
    const removed = await refusing({ reference: () => new StillInUse('provider') }, () =>
      this.database.current.delete(table).where(eq(table.id, id)).returning({ id: table.id }),
    );
    return removed.length > 0;
  }

  async lockRegistration(): Promise<void> {
    await this.database.current.execute(sql`select pg_advisory_xact_lock(hashtextextended('providers.registration', 0))`);
  }

  async ofDriver(driver: string): Promise<readonly { readonly id: string; readonly isEmpty: boolean }[]> {
    // Names in full: drizzle drops the table's name from columns inside a selected expression.
    const isEmpty = sql<boolean>`
      not exists (select from provider_phone_numbers number where number.provider_id = call_service_providers.id)
      and not exists (select from provider_assistants assistant where assistant.provider_id = call_service_providers.id)`;
    return this.database.current
      .select({ id: table.id, isEmpty })
      .from(table)
      .where(eq(table.driver, driver))
      .orderBy(asc(table.createdAt));
  }

  private async wakeDispatchers(): Promise<void> {
    await this.database.current.execute(sql`select pg_notify(${WAKE_CHANNEL}, '')`);
  }

  private async update(
    values: Parameters<ReturnType<Database['current']['update']>['set']>[0],
    where: SQL | undefined,
  ): Promise<Provider | undefined> {
    const [row] = await this.database.current.update(table).set(values).where(where).returning(asRow);
    return row && toProvider(row);
  }
}

/** Named field by field: a row also carries what the fields are made of. */
function toProvider(row: Row): Provider {
  return {
    id: row.id,
    name: row.name,
    driver: row.driver,
    type: row.type,
    encryptedCredentials: row.encryptedCredentials,
    baseUrl: row.baseUrl,
    concurrencyLimit: row.concurrencyLimit,
    priority: row.priority,
    isActive: row.isActive,
    health: row.health,
    pausedUntil: row.pausedUntil,
    pauseReason: row.pauseReason,
    suspension: suspensionOf(row),
    effectiveLimit: effectiveLimit(row.concurrencyLimit, row),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

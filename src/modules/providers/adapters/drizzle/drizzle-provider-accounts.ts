import { Injectable } from '@nestjs/common';
import { asc, eq, getTableColumns, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { behindCursor, newestFirst, position, toPage } from '../../../../shared/database/keyset';
import type { Page, PageRequest } from '../../../../shared/kernel/page';
import { ProviderAccounts } from '../../application/ports/provider-accounts.port';
import type { NewProvider, Provider, ProviderChanges } from '../../domain/provider';
import { ProviderNameTaken, StillInUse } from '../../domain/providers.errors';
import { callServiceProviders } from './call-service-providers.table';
import { refusing } from './database-refusals';

const table = callServiceProviders;
const { apiCredentials, pausedUntil, pauseReason, ...columns } = getTableColumns(table);

/** A pause that is over is no longer told. */
const asProvider = {
  ...columns,
  encryptedCredentials: apiCredentials,
  pausedUntil: sql`case when ${pausedUntil} > clock_timestamp() then ${pausedUntil} end`.mapWith(pausedUntil),
  pauseReason: sql<string | null>`case when ${pausedUntil} > clock_timestamp() then ${pauseReason} end`,
};

const HEALTHY = {
  health: 'closed',
  failures: 0,
  probeAt: null,
  pausedUntil: null,
  pauseReason: null,
  pauses: 0,
} as const;

@Injectable()
export class DrizzleProviderAccounts extends ProviderAccounts {
  constructor(private readonly database: Database) {
    super();
  }

  async list(request: PageRequest): Promise<Page<Provider>> {
    const rows = await this.database.current
      .select({ ...asProvider, position: position(table) })
      .from(table)
      .where(behindCursor(table, request))
      .orderBy(...newestFirst(table))
      .limit(request.limit + 1);
    return toPage(rows, request, ({ position: _, ...provider }) => provider);
  }

  async find(id: string): Promise<Provider | undefined> {
    const [row] = await this.database.current.select(asProvider).from(table).where(eq(table.id, id));
    return row;
  }

  async lock(id: string): Promise<Provider | undefined> {
    const [row] = await this.database.current.select(asProvider).from(table).where(eq(table.id, id)).for('no key update');
    return row;
  }

  async add({ encryptedCredentials, ...provider }: NewProvider): Promise<Provider> {
    const [row] = await refusing({ unique: () => new ProviderNameTaken() }, () =>
      this.database.current
        .insert(table)
        .values({ ...provider, apiCredentials: encryptedCredentials })
        .returning(asProvider),
    );
    if (!row) throw new Error('The insert returned no row');
    return row;
  }

  async change(id: string, changes: ProviderChanges): Promise<Provider | undefined> {
    const { encryptedCredentials, clearsHealth, ...rest } = changes;
    const values = {
      ...rest,
      ...(encryptedCredentials === undefined ? {} : { apiCredentials: encryptedCredentials }),
      ...(clearsHealth ? HEALTHY : {}),
    };
    if (Object.keys(values).length === 0) return this.find(id);
    const [row] = await refusing({ unique: () => new ProviderNameTaken() }, () =>
      this.database.current.update(table).set(values).where(eq(table.id, id)).returning(asProvider),
    );
    return row;
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
}

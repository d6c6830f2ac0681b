import { randomUUID } from 'node:crypto';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import { JoseCredentialsCipher } from '../../src/modules/providers/adapters/crypto/jose-credentials-cipher';
import { DrizzleProviderAccounts } from '../../src/modules/providers/adapters/drizzle/drizzle-provider-accounts';
import { DrizzleProviderPool } from '../../src/modules/providers/adapters/drizzle/drizzle-provider-pool';
import { RegisteredVendors } from '../../src/modules/providers/adapters/vendors/registered-vendors';
import { ConnectProvider } from '../../src/modules/providers/application/connect-provider';
import { WebhookUrls } from '../../src/modules/providers/domain/webhook-urls';
import type { ProviderAccount } from '../../src/modules/providers/provider-definition';
import { Database } from '../../src/shared/database/database';
import { DrizzleUnitOfWork } from '../../src/shared/database/drizzle-unit-of-work';
import type { NumberSeed, PoolSeed, PoolWorld } from '../contract/provider-pool.contract';
import { FakeCallProvider } from './fakes/fake-call-provider';
import { POLICY } from './fakes/in-memory-provider-pool';
import { keysOf, makeSecret, recordEnvironment } from './run-record';
import { CREDENTIALS_KEYS } from './service';
import { createTestDatabase, type TestDatabase } from './test-database';

export const FAKE_DRIVER = 'fake';

/** The providers on a database of their own, at a vendor that is not there. */
export interface DrizzleProviderWorld extends PoolWorld {
  readonly database: TestDatabase;
  readonly executor: Database;
  readonly accounts: DrizzleProviderAccounts;
  readonly cipher: JoseCredentialsCipher;
  readonly connectProvider: ConnectProvider;
  readonly vendors: RegisteredVendors;
  /** Every account that a driver was made for, in that order. */
  readonly connected: readonly ProviderAccount[];
  /** The driver of every account. */
  readonly vendor: FakeCallProvider;
}

export async function makeDrizzleProviderWorld(): Promise<DrizzleProviderWorld> {
  const database = await createTestDatabase();
  const connections = new Pool({ connectionString: database.url, max: 10 });
  const executor = new Database(drizzle(connections));
  const unitOfWork = new DrizzleUnitOfWork(executor);
  const accounts = new DrizzleProviderAccounts(executor);
  const cipher = new JoseCredentialsCipher({ keys: keysOf(CREDENTIALS_KEYS) });
  recordEnvironment({ CREDENTIALS_KEYS });
  const vendor = new FakeCallProvider();
  const connected: ProviderAccount[] = [];
  const connect = (account: ProviderAccount) => {
    connected.push(account);
    return vendor;
  };
  const vendors = new RegisteredVendors([{ driver: FAKE_DRIVER, needsWebhookSecret: true, connect }]);
  const connectProvider = new ConnectProvider(accounts, cipher, vendors);
  const pool = new DrizzleProviderPool(executor, connectProvider, POLICY, new WebhookUrls('https://ringonce.example'));
  return {
    ...{ database, executor, accounts, cipher, vendor, vendors, connected, connectProvider, pool },
    run: (work) => unitOfWork.run(work),
    provider: (seed) => addProvider(accounts, cipher, seed),
    phoneNumber: (providerId, seed) => addPhoneNumber(database, providerId, seed),
    assistant: (providerId, { isActive = true, externalId = randomUUID() } = {}) =>
      addAssistant(database, [providerId, externalId, isActive]),
    suspend: async (providerId, isSuspended) => {
      await (isSuspended ? accounts.suspend(providerId, { until: null, reason: null }) : accounts.resume(providerId));
    },
    elapse: (milliseconds) => moveBack(database, milliseconds),
    close: async () => {
      await connections.end();
      await database.drop();
    },
  };
}

async function addProvider(
  accounts: DrizzleProviderAccounts,
  cipher: JoseCredentialsCipher,
  { priority = 1, concurrencyLimit = 10, isActive = true }: PoolSeed = {},
): Promise<string> {
  const owner = { id: randomUUID(), name: `Provider ${randomUUID()}` };
  const encryptedCredentials = await cipher.encrypt(owner, { apiKey: makeSecret('key') });
  const fixed = { driver: FAKE_DRIVER, type: 'voice', baseUrl: null } as const;
  const { id } = await accounts.add({ ...owner, ...fixed, encryptedCredentials, priority, concurrencyLimit, isActive });
  return id;
}

async function addPhoneNumber(
  database: TestDatabase,
  providerId: string,
  { isActive = true, areaCode, capabilities = ['voice'] }: NumberSeed = {},
): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    `insert into provider_phone_numbers
       (provider_id, phone_id, country_code, area_code, phone_number, full_number, is_active, capabilities)
     values ($1, $2, '1', $3, '2025550100', '+12025550100', $4, $5) returning id`,
    [providerId, randomUUID(), areaCode ?? null, isActive, JSON.stringify(capabilities)],
  );
  return row!.id;
}

async function addAssistant(database: TestDatabase, values: readonly [string, string, boolean]): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    `insert into provider_assistants (provider_id, external_id, name, is_active) values ($1, $2, 'A', $3) returning id`,
    [...values],
  );
  return row!.id;
}

/** Nobody can move the database's clock, but what it has written down can be moved into the past. */
async function moveBack(database: TestDatabase, milliseconds: number): Promise<void> {
  const span = `${String(milliseconds)} milliseconds`;
  await database.query(
    `update call_service_providers set probe_at = probe_at - $1::interval, paused_until = paused_until - $1::interval,
       limit_lowered_at = limit_lowered_at - $1::interval, suspended_at = suspended_at - $1::interval`,
    [span],
  );
  await database.query(`update provider_phone_numbers set quarantined_until = quarantined_until - $1::interval`, [
    span,
  ]);
}

import { randomUUID } from 'node:crypto';
import type { TestDatabase } from './test-database';

/** A provider with what a call from it needs. */
export interface VendorAccount {
  readonly providerId: string;
  readonly phoneNumberId: string;
  readonly assistantId: string;
}

/** Registers a provider with one number and one assistant. */
export async function createVendorAccount(database: TestDatabase, name = 'Ledger'): Promise<VendorAccount> {
  const [account] = await database.query<VendorAccount & Record<string, unknown>>(
    `
    with provider as (
      insert into call_service_providers (name, driver, api_credentials, concurrency_limit, priority)
      values ($1, 'vapi', '-', 10, 1) returning id
    ),
    phone_number as (
      insert into provider_phone_numbers (provider_id, phone_id, country_code, phone_number, full_number)
      select id, 'p1', '1', '2025550100', '+12025550100' from provider returning id
    ),
    assistant as (
      insert into provider_assistants (provider_id, external_id, name) select id, 'a1', 'A' from provider returning id
    )
    select provider.id as "providerId", phone_number.id as "phoneNumberId", assistant.id as "assistantId"
    from provider, phone_number, assistant`,
    [name],
  );
  if (!account) throw new Error('The vendor account is missing');
  return account;
}

/** Writes a call of the user and an attempt at it, for the ledger's lines to refer to. */
export async function createAttempt(
  database: TestDatabase,
  account: VendorAccount,
  userId: string,
): Promise<{ readonly attemptId: string; readonly callQueueId: string }> {
  const ids = { attemptId: randomUUID(), callQueueId: randomUUID() };
  await database.query(
    `with call as (
       insert into call_queue (id, user_id, recipient_number, status) values ($1, $2, '+12025550123', 'in-progress')
       returning id
     )
     insert into call_attempts (id, call_queue_id, provider_id, phone_number_id, assistant_id, reserved_minutes, claimed_by)
     select $3, id, $4, $5, $6, 1, 'test' from call`,
    [ids.callQueueId, userId, ids.attemptId, account.providerId, account.phoneNumberId, account.assistantId],
  );
  return ids;
}

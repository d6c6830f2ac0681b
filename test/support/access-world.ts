import { randomUUID } from 'node:crypto';
import type { TestDatabase } from './test-database';

/** One row in every table, all of it the owner's. The other one is just as active, but has nothing to do with it. */
export interface AccessWorld {
  readonly owner: string;
  readonly other: string;
  readonly inactive: string;
  /** Has an account and no profile. */
  readonly unknown: string;
  readonly plan: string;
  readonly subscription: string;
  readonly usage: string;
  readonly ledgerEntry: string;
  readonly provider: string;
  readonly phoneNumber: string;
  readonly assistant: string;
  readonly template: string;
  readonly publicTemplate: string;
  readonly call: string;
  readonly attempt: string;
  readonly history: string;
  readonly auditEntry: string;
}

/** Fills a fresh database. */
export async function createAccessWorld(database: TestDatabase): Promise<AccessWorld> {
  const ids = await createPeople(database);
  const world: AccessWorld = {
    ...ids,
    plan: await planId(database),
    ...(Object.fromEntries(THINGS.map((thing) => [thing, randomUUID()])) as Record<(typeof THINGS)[number], string>),
  };
  for (const statement of statements(world)) await database.query(statement);
  return world;
}

const THINGS = [
  'subscription',
  'usage',
  'ledgerEntry',
  'provider',
  'phoneNumber',
  'assistant',
  'template',
  'publicTemplate',
  'call',
  'attempt',
  'history',
  'auditEntry',
] as const;

async function createPeople(database: TestDatabase) {
  const owner = await database.createUser({ email: 'owner@example.test', isActive: true });
  const other = await database.createUser({ email: 'other@example.test', isActive: true });
  const inactive = await database.createUser({ email: 'inactive@example.test' });
  const unknown = await database.createUser({ email: 'unknown@example.test' });
  await database.query('delete from user_profiles where id = $1', [unknown]);
  return { owner, other, inactive, unknown };
}

async function planId(database: TestDatabase): Promise<string> {
  const [plan] = await database.query<{ id: string }>(`select id from subscription_plans where slug = 'free'`);
  return plan?.id ?? '';
}

function statements(world: AccessWorld): string[] {
  const { owner, provider, assistant, phoneNumber, call, attempt } = world;
  return [
    `insert into user_subscriptions (id, user_id, plan_id, status, current_period_start, current_period_end)
     values ('${world.subscription}', '${owner}', '${world.plan}', 'active', now(), now() + interval '1 month')`,
    `insert into user_call_usage (id, user_id, subscription_id, billing_period_start, billing_period_end)
     values ('${world.usage}', '${owner}', '${world.subscription}', now(), now() + interval '1 month')`,
    `insert into billing_customers (user_id, stripe_customer_id) values ('${owner}', 'cus_1')`,
    `insert into user_plan_limits (user_id, call_limit) values ('${owner}', 10)`,
    `insert into billing_checkouts (user_id, operation_id, plan_id, success_url, cancel_url)
     values ('${owner}', gen_random_uuid(), '${world.plan}', 'https://a.test', 'https://b.test')`,
    `insert into billing_changes (user_id, held_until) values ('${owner}', now())`,
    `insert into plan_prices (stripe_price_id, plan_id) values ('price_1', '${world.plan}')`,
    `insert into local_payment_records (id, kind, customer_id, data) values ('record_1', 'customer', 'record_1', '{}')`,
    `insert into stripe_events (id, type, created, payload) values ('evt_1', 'invoice.paid', now(), '{}')`,
    `insert into idempotency_keys (subject, key, route, request_hash, status) values ('${owner}', 'k', 'r', 'h', 201)`,
    `insert into call_service_providers (id, name, driver, api_credentials, concurrency_limit, priority)
     values ('${provider}', 'one', 'vapi', 'sealed', 1, 1)`,
    `insert into restored_comparisons (provider_id, began_at) values ('${provider}', now())`,
    `insert into admin_audit_entries (id, action, subject_kind, subject_id, actor_kind, actor_user_id)
     values ('${world.auditEntry}', 'provider.create', 'provider', '${provider}', 'user', '${owner}')`,
    `insert into provider_assistants (id, provider_id, external_id, name) values ('${assistant}', '${provider}', 'a', 'Anna')`,
    `insert into provider_phone_numbers (id, provider_id, phone_id, country_code, phone_number, full_number)
     values ('${phoneNumber}', '${provider}', 'p', '1', '2025550100', '+12025550100')`,
    `insert into call_templates (id, name, created_by, assistant_id) values ('${world.template}', 'mine', '${owner}', '${assistant}')`,
    `insert into call_templates (id, name, created_by, is_public) values ('${world.publicTemplate}', 'ours', '${owner}', true)`,
    `insert into call_template_assistants (template_id, provider_id, assistant_id)
     values ('${world.template}', '${provider}', '${assistant}')`,
    `insert into call_queue (id, user_id, recipient_number, template_id)
     values ('${call}', '${owner}', '+12025550123', '${world.template}')`,
    `insert into call_attempts (id, call_queue_id, provider_id, phone_number_id, assistant_id, reserved_minutes, claimed_by)
     values ('${attempt}', '${call}', '${provider}', '${phoneNumber}', '${assistant}', 10, 'me')`,
    `insert into usage_ledger_entries
       (id, user_id, usage_id, attempt_id, call_queue_id, kind, calls, minutes, reserved_calls, reserved_minutes)
     values ('${world.ledgerEntry}', '${owner}', '${world.usage}', '${attempt}', '${call}', 'reserve', 1, 10, 1, 10)`,
    `insert into user_call_history
       (id, user_id, call_queue_id, attempt_id, call_id, provider_id, assistant_id, phone_number_id, recipient_number)
     values ('${world.history}', '${owner}', '${call}', '${attempt}', 'v1', '${provider}', '${assistant}', '${phoneNumber}', '+12025550123')`,
  ];
}

import type { AccessWorld } from '../support/access-world';

/** Who comes in through the Data API. */
export const ACTORS = ['anon', 'owner', 'other', 'service'] as const;
export const VERBS = ['select', 'insert', 'update', 'delete'] as const;

/** One letter per verb: `y` it happens, `0` it finds no row (row-level security), `-` it is refused (42501). */
type Verdicts = Readonly<Record<(typeof ACTORS)[number], string>>;

/** A table, what it admits, and how each verb is tried on a row of the owner's. */
export interface TableExpectation extends Verdicts {
  /** Which row. */
  readonly where: (world: AccessWorld) => string;
  /** Columns and values of a row for the owner. */
  readonly insert: (world: AccessWorld) => string;
  /** Readable by whoever may read anything at all. */
  readonly column: string;
  /** Changeable by whoever may change anything at all. */
  readonly changes: string;
}

const id = (key: keyof AccessWorld) => (world: AccessWorld) => `id = '${world[key]}'`;
const ownRead: Verdicts = { anon: '----', owner: 'y---', other: '0---', service: 'yyyy' };
const nobody: Verdicts = { anon: '----', owner: '----', other: '----', service: '----' };
const serviceOnly: Verdicts = { ...nobody, service: 'yyyy' };

const billing: Record<string, TableExpectation> = {
  subscription_plans: {
    anon: 'y---',
    owner: 'y---',
    other: 'y---',
    service: 'yyyy',
    where: id('plan'),
    insert: () => `(slug, name, price, interval) values ('free', 'Free', 0, 'yearly')`,
    column: 'id',
    changes: 'name',
  },
  user_subscriptions: {
    ...ownRead,
    where: id('subscription'),
    insert: ({ owner, plan }) =>
      `(user_id, plan_id, status, current_period_start, current_period_end)
       values ('${owner}', '${plan}', 'canceled', now(), now() + interval '1 day')`,
    column: 'id',
    changes: 'status',
  },
  user_call_usage: {
    ...ownRead,
    service: 'y---',
    where: id('usage'),
    insert: ({ owner, subscription }) =>
      `(user_id, subscription_id, billing_period_start, billing_period_end)
       values ('${owner}', '${subscription}', now() + interval '1 month', now() + interval '2 months')`,
    column: 'id',
    changes: 'calls_used',
  },
  usage_ledger_entries: {
    ...ownRead,
    service: 'y---',
    where: id('ledgerEntry'),
    insert: ({ owner, usage, attempt, call }) =>
      `(user_id, usage_id, attempt_id, call_queue_id, kind, calls, minutes, reserved_calls, reserved_minutes)
       values ('${owner}', '${usage}', '${attempt}', '${call}', 'adjust', 0, 0, 0, 0)`,
    column: 'id',
    changes: 'minutes',
  },
  billing_customers: {
    ...serviceOnly,
    where: ({ owner }) => `user_id = '${owner}'`,
    insert: ({ other }) => `(user_id, stripe_customer_id) values ('${other}', 'cus_2')`,
    column: 'user_id',
    changes: 'stripe_customer_id',
  },
  stripe_events: {
    ...nobody,
    where: () => `id = 'evt_1'`,
    insert: () => `(id, type, created, payload) values ('evt_2', 't', now(), '{}')`,
    column: 'id',
    changes: 'status',
  },
  user_plan_limits: {
    ...ownRead,
    service: 'y---',
    where: ({ owner }) => `user_id = '${owner}'`,
    insert: ({ unknown }) => `(user_id, call_limit) values ('${unknown}', 5)`,
    column: 'user_id',
    changes: 'call_limit',
  },
  billing_checkouts: {
    ...nobody,
    where: ({ owner }) => `user_id = '${owner}'`,
    insert: ({ other, plan }) =>
      `(user_id, operation_id, plan_id, success_url, cancel_url)
       values ('${other}', gen_random_uuid(), '${plan}', 'https://a.test', 'https://b.test')`,
    column: 'user_id',
    changes: 'url',
  },
  billing_changes: {
    ...nobody,
    where: ({ owner }) => `user_id = '${owner}'`,
    insert: ({ other }) => `(user_id, held_until) values ('${other}', now())`,
    column: 'user_id',
    changes: 'holder',
  },
  plan_prices: {
    ...nobody,
    where: ({ plan }) => `plan_id = '${plan}'`,
    insert: ({ plan }) => `(stripe_price_id, plan_id) values ('price_2', '${plan}')`,
    column: 'plan_id',
    changes: 'plan_id',
  },
  local_payment_records: {
    ...nobody,
    where: () => `id = 'record_1'`,
    insert: () => `(id, kind, customer_id, data) values ('record_2', 'customer', 'record_2', '{}')`,
    column: 'id',
    changes: 'data',
  },
  idempotency_keys: {
    ...nobody,
    where: ({ owner }) => `subject = '${owner}'`,
    insert: ({ owner }) => `(subject, key, route, request_hash, status) values ('${owner}', 'k2', 'r', 'h', 201)`,
    column: 'key',
    changes: 'route',
  },
};

const calls: Record<string, TableExpectation> = {
  call_templates: {
    anon: '----',
    owner: 'yyyy',
    other: '0-00',
    service: 'yyyy',
    where: id('template'),
    insert: ({ owner }) => `(name, created_by) values ('new', '${owner}')`,
    column: 'id',
    changes: 'name',
  },
  call_template_assistants: {
    anon: '----',
    owner: 'yyyy',
    other: '0-00',
    service: 'yyyy',
    where: ({ template }) => `template_id = '${template}'`,
    insert: ({ publicTemplate, provider, assistant }) =>
      `(template_id, provider_id, assistant_id) values ('${publicTemplate}', '${provider}', '${assistant}')`,
    column: 'template_id',
    changes: 'assistant_id',
  },
  call_queue: {
    anon: '----',
    owner: 'yy--',
    other: '0---',
    service: 'yyyy',
    where: id('call'),
    insert: ({ owner, template }) =>
      `(user_id, recipient_number, scheduled_time, template_id, custom_variables)
       values ('${owner}', '+12025550123', now(), '${template}', '{}')`,
    column: 'id',
    changes: 'status',
  },
  call_attempts: {
    ...ownRead,
    service: 'y---',
    where: id('attempt'),
    insert: ({ call, provider, phoneNumber, assistant }) =>
      `(call_queue_id, provider_id, phone_number_id, assistant_id, reserved_minutes, claimed_by, state)
       values ('${call}', '${provider}', '${phoneNumber}', '${assistant}', 1, 'me', 'ended')`,
    column: 'id',
    changes: 'state',
  },
  user_call_history: {
    ...ownRead,
    where: id('history'),
    insert: ({ owner, call, provider, phoneNumber, assistant }) =>
      `(user_id, call_queue_id, attempt_id, call_id, provider_id, assistant_id, phone_number_id, recipient_number)
       values ('${owner}', '${call}', gen_random_uuid(), 'v2', '${provider}', '${assistant}', '${phoneNumber}', '+12025550123')`,
    column: 'id',
    changes: 'summary',
  },
  dispatch_control: {
    ...nobody,
    service: 'y-y-',
    where: () => 'id',
    insert: () => `(id) values (true)`,
    column: 'id',
    changes: 'is_paused',
  },
  restored_comparisons: {
    ...nobody,
    where: ({ provider }) => `provider_id = '${provider}'`,
    insert: ({ unknown }) => `(provider_id, began_at) values ('${unknown}', now())`,
    column: 'provider_id',
    changes: 'page',
  },
};

const providers: Record<string, TableExpectation> = {
  call_service_providers: {
    ...serviceOnly,
    where: id('provider'),
    insert: () => `(name, driver, api_credentials, concurrency_limit, priority) values ('two', 'vapi', 'sealed', 1, 1)`,
    column: 'id',
    changes: 'name',
  },
  admin_audit_entries: {
    ...nobody,
    where: id('auditEntry'),
    insert: () => `(action, subject_kind, actor_kind) values ('queue.pause', 'queue', 'system')`,
    column: 'id',
    changes: 'action',
  },
  provider_phone_numbers: {
    ...serviceOnly,
    where: id('phoneNumber'),
    insert: ({ provider }) =>
      `(provider_id, phone_id, country_code, phone_number, full_number) values ('${provider}', 'p2', '1', '2025550101', '+12025550101')`,
    column: 'id',
    changes: 'is_active',
  },
  provider_assistants: {
    anon: '----',
    owner: 'y---',
    other: 'y---',
    service: 'yyyy',
    where: id('assistant'),
    insert: ({ provider }) => `(provider_id, external_id, name) values ('${provider}', 'b', 'Bert')`,
    column: 'id, provider_id, name, is_active',
    changes: 'name',
  },
};

const users: Record<string, TableExpectation> = {
  user_profiles: {
    anon: '----',
    owner: 'y-y-',
    other: '0-0-',
    service: 'yyyy',
    where: id('owner'),
    insert: ({ unknown }) => `(id) values ('${unknown}')`,
    column: 'id',
    changes: 'first_name',
  },
};

/** Every table that the Data API could reach. A new one without a line here fails the suite. */
export const EXPECTATIONS: Readonly<Record<string, TableExpectation>> = {
  ...users,
  ...billing,
  ...calls,
  ...providers,
};

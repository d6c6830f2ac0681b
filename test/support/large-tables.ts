import type { QueryResultRow } from 'pg';

/** Asks as superuser. Without parameters the text may hold several statements, which are one transaction. */
type Ask = <Row extends QueryResultRow = Record<string, unknown>>(
  statement: string,
  parameters?: readonly unknown[],
) => Promise<Row[]>;

/** When calls that wait are due. */
export type DueTime = 'in-turn' | 'same-second' | 'tomorrow';

/** Rows per statement: a million take about as long as somebody likes to wait for a sign of life. */
const PORTION = 500_000;

/** Rows from which on it is quicker to build the indexes anew behind them. */
const WORTH_REBUILDING = 50_000;

/** Prime to the usual numbers of users, so that everybody has some. */
export const FAILED_ONE_OF = 21;

/** Without triggers and foreign keys, which would look at each row; whoever fills tables keeps to them by itself. */
const AT_ONCE = 'set local session_replication_role = replica;';

const SCHEDULED: Readonly<Record<DueTime, string>> = {
  'in-turn': 'null',
  'same-second': `date_trunc('second', now())`,
  tomorrow: `now() + interval '1 day' + number * interval '1 millisecond'`,
};

/** Everybody takes turns unless one is named; an array, so that picking one costs the same however many there are. */
const people = (userId?: string) => `
  (select array_agg(id order by id) as ids from user_profiles
    where status = 'active' ${userId === undefined ? '' : `and id = '${userId}'`}) as people,
  (select id as template_id from call_templates order by created_at limit 1) as template`;
const USER = 'people.ids[1 + number % cardinality(people.ids)]';
const NUMBER = `'+1202555' || lpad((number % 10000)::text, 4, '0')`;

/** Fills the product's tables with rows as the product writes them, in SQL and therefore many. */
export class LargeTables {
  constructor(
    private readonly ask: Ask,
    private readonly say: (progress: string) => void = () => undefined,
  ) {}

  /** Active users on the plan without limits, each with the period in which the earlier calls were made. */
  async addUsers(count: number): Promise<void> {
    await this.ask(
      `insert into auth.users (id, aud, role, email)
       select id, 'authenticated', 'authenticated', id || '@example.test'
         from (select gen_random_uuid() as id from generate_series(1, $1::int)) as person`,
      [count],
    );
    await this.ask(`update user_profiles set status = 'active' where status <> 'active'`);
    await this.ask(`
      insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end)
      select profile.id, plan.id, 'active', now() - interval '1 day', now() + interval '20 days'
        from user_profiles as profile, subscription_plans as plan
       where plan.slug = 'enterprise' and plan.interval = 'monthly'
         and not exists (select from user_subscriptions as own where own.user_id = profile.id)`);
    await this.ask(`
      insert into user_call_usage (user_id, subscription_id, billing_period_start, billing_period_end)
      select user_id, id, current_period_start - interval '100 days', current_period_start - interval '70 days'
        from user_subscriptions on conflict do nothing`);
  }

  /** A number and an assistant of the provider, and a public template. @returns the template's id */
  async addTemplate(providerId: string): Promise<string> {
    const [template] = await this.ask<{ id: string }>(
      `with line as (
         insert into provider_phone_numbers (provider_id, phone_id, country_code, area_code, phone_number, full_number)
         values ($1, gen_random_uuid(), '1', '202', '2025550100', '+12025550100')),
       assistant as (
         insert into provider_assistants (provider_id, external_id, name) values ($1, gen_random_uuid(), 'A') returning id)
       insert into call_templates (name, is_public, assistant_id, max_duration_seconds)
       select 'Reminder', true, id, 120 from assistant returning id`,
      [providerId],
    );
    if (!template) throw new Error('The template is missing');
    return template.id;
  }

  /** Calls that wait. Those that are due in turn came a millisecond apart, the last one a moment ago. */
  addWaiting(count: number, due: DueTime = 'in-turn', userId?: string): Promise<void> {
    return this.inPortions(count, `calls wait, due ${due}`, (from, to) => [
      `insert into call_queue (user_id, recipient_number, template_id, scheduled_time, created_at)
       select ${USER}, ${NUMBER}, template_id, ${SCHEDULED[due]},
              now() - interval '10 seconds' - (${count} - number) * interval '1 millisecond'
         from generate_series(${from}, ${to}) as number, ${people(userId)}`,
    ]);
  }

  /** Calls of the last months that are over, with their attempts, their history and their lines in the ledger. */
  addFinished(count: number, userId?: string): Promise<void> {
    const add = () =>
      this.inPortions(count, 'calls are over', (from, to) => [
        `create temp table earlier on commit drop as
         select gen_random_uuid() as call_id, gen_random_uuid() as attempt_id, ${USER} as user_id, ${NUMBER} as recipient,
                template_id, number % ${FAILED_ONE_OF} = 0 as has_failed,
                now() - interval '90 days' + number * (interval '89 days' / ${count}) as at
           from generate_series(${from}, ${to}) as number, ${people(userId)}`,
        ...FINISHED,
      ]);
    const tables = ['call_queue', 'call_attempts', 'usage_ledger_entries', 'user_call_history'];
    return count < WORTH_REBUILDING ? add() : this.withoutIndexes(tables, add);
  }

  /** The history alone, of calls and attempts that are not there any more. */
  async addHistory(count: number): Promise<void> {
    await this.withoutIndexes(['user_call_history'], () =>
      this.inPortions(count, 'calls are in the history', (from, to) => [
        `create temp table earlier on commit drop as
         select gen_random_uuid() as call_id, gen_random_uuid() as attempt_id, ${USER} as user_id, ${NUMBER} as recipient,
                number % ${FAILED_ONE_OF} = 0 as has_failed, now() - interval '900 days' + number * (interval '800 days' / ${count}) as at
           from generate_series(${from}, ${to}) as number, ${people()}`,
        HISTORY,
      ]),
    );
  }

  /** What autovacuum does within a minute after so many rows, and what the server does after so much writing. */
  async settle(): Promise<void> {
    await this.ask('vacuum (analyze)');
    await this.ask('checkpoint');
  }

  /** Takes away what takes long to look through, with what refers to it. */
  async empty(): Promise<void> {
    await this.ask(`${AT_ONCE} truncate call_queue, stripe_events, idempotency_keys cascade`);
  }

  /** Builds the indexes anew behind the work, all but those that foreign keys need: that is many times quicker. */
  private async withoutIndexes(tables: readonly string[], work: () => Promise<void>): Promise<void> {
    const [indexes] = await this.ask<{ drop: string; build: string }>(INDEXES, [tables]);
    await this.ask(indexes?.drop ?? '');
    await work();
    this.say('building the indexes');
    await this.ask(`set local maintenance_work_mem = '512MB'; ${indexes?.build ?? ''}`);
  }

  private async inPortions(
    count: number,
    what: string,
    statements: (from: number, to: number) => readonly string[],
  ): Promise<void> {
    for (let done = 0; done < count; done += PORTION) {
      const to = Math.min(done + PORTION, count);
      await this.ask([AT_ONCE, statements(done + 1, to).join(';\n')].join('\n'));
      if (count > PORTION) this.say(`${to.toLocaleString('en')} ${what}`);
    }
  }
}

/** Statements that drop and build the indexes of tables which no foreign key points to. */
const INDEXES = `
  select string_agg(drop, '; ') as drop, string_agg(build, '; ') as build from (
    select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
           format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as build
      from pg_constraint
     where conrelid = any ($1::regclass[]) and contype in ('p', 'u')
       and conindid not in (select conindid from pg_constraint where contype = 'f')
    union all
    select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
      from pg_index
     where indrelid = any ($1::regclass[]) and indexrelid not in (select conindid from pg_constraint)) as each`;

const WAY = `(select line.provider_id, line.id as line_id, assistant.id as assistant_id
  from provider_phone_numbers as line join provider_assistants as assistant using (provider_id)
  order by line.created_at limit 1) as way`;

const TRANSCRIPT = `repeat('Agent: Good morning, this is your reminder. Caller: Thank you, I will be there. ', 3)`;

const HISTORY = `
  insert into user_call_history (user_id, call_queue_id, attempt_id, call_id, provider_id, assistant_id, phone_number_id,
    recipient_number, status, outcome, ended_reason, transcript, summary, started_at, ended_at, duration_seconds,
    cost_micros, currency, created_at)
  select user_id, call_id, attempt_id, attempt_id, way.provider_id, assistant_id, line_id, recipient,
         case when has_failed then 'failed' else 'completed' end, case when has_failed then 'no_answer' else 'completed' end,
         'ended', case when not has_failed then ${TRANSCRIPT} end, 'A reminder.', at, at + interval '1 minute', 60, 90000,
         'USD', at
    from earlier, ${WAY}`;

const FINISHED: readonly string[] = [
  `insert into call_queue (id, user_id, recipient_number, status, call_id, provider_id, template_id, attempts, failure_code,
     ended_at, created_at)
   select call_id, user_id, recipient, case when has_failed then 'failed' else 'completed' end, attempt_id, way.provider_id,
          template_id, 1, case when has_failed then 'no_answer' end, at + interval '1 minute', at
     from earlier, ${WAY}`,
  `insert into call_attempts (id, call_queue_id, provider_id, phone_number_id, assistant_id, state, progress,
     provider_call_id, outcome, reserved_minutes, is_settled, claimed_by, placed_at, news_at, ended_at, created_at)
   select attempt_id, call_id, way.provider_id, line_id, assistant_id, 'ended', 'ended', attempt_id,
          case when has_failed then 'no_answer' else 'completed' end, 2, true, 'earlier', at, at + interval '1 minute',
          at + interval '1 minute', at
     from earlier, ${WAY}`,
  HISTORY,
  `insert into usage_ledger_entries (user_id, usage_id, attempt_id, call_queue_id, kind, calls, minutes, reserved_calls,
     reserved_minutes, created_at)
   select user_id, usage.id, attempt_id, call_id, kind, 1, 2, case kind when 'reserve' then 1 else -1 end,
          case kind when 'reserve' then 2 else -2 end, at
     from earlier join user_call_usage as usage using (user_id), unnest(array['reserve', 'settle']) as kind
    where usage.billing_period_end < now()`,
];

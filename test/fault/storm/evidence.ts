import type { TestDatabase } from '../../support/test-database';
import type { StormStory } from './storm';
import type { AskedFor, MadeCall, VendorRecords } from './vendor-records';

export interface QueueRow extends Record<string, unknown> {
  readonly number: string;
  readonly status: string;
  readonly failure: string | null;
  readonly isCancelRequested: boolean;
}

export interface AttemptRow extends Record<string, unknown> {
  readonly id: string;
  readonly state: string;
  readonly refusal: string | null;
  readonly outcome: string | null;
  readonly providerCallId: string | null;
  /** Kinds of the attempt's lines in the ledger, sorted. */
  readonly kinds: readonly string[];
  /** What was charged for it; null where nothing was. */
  readonly minutes: number | null;
  /** Open attempts of the provider when this one was opened, and the limit that held then. */
  readonly open: number;
  readonly most: number;
  readonly admission: number;
}

/** Whoever can tell what has happened. */
export interface Witnesses {
  readonly vendors: readonly { records(): Promise<VendorRecords> }[];
  readonly database: Pick<TestDatabase, 'query'>;
}

/** All that is held against the service when the storm is over: the vendors' records, and the database. */
export interface Evidence {
  readonly story: StormStory;
  readonly vendors: readonly VendorRecords[];
  readonly calls: readonly MadeCall[];
  /** By number, in the order of arrival. */
  readonly posts: ReadonlyMap<string, readonly AskedFor[]>;
  readonly rows: readonly QueueRow[];
  readonly attempts: ReadonlyMap<string, AttemptRow>;
  /** `number call-id`, one for each entry. */
  readonly history: readonly string[];
}

export async function gather({ vendors, database }: Witnesses, story: StormStory): Promise<Evidence> {
  const records = await Promise.all(vendors.map((vendor) => vendor.records()));
  const rows = await database.query<QueueRow>(
    `select recipient_number as number, status, failure_code as failure, cancel_requested_at is not null as "isCancelRequested"
       from call_queue`,
  );
  const attempts = await database.query<AttemptRow>(
    `select id, state, refusal, outcome, provider_call_id as "providerCallId", open, most, seq::int as admission,
            coalesce(lines.kinds, '{}') as kinds, lines.minutes
       from call_attempts left join storm.admissions on admissions.attempt_id = id
       left join lateral (
         select array_agg(kind order by kind) as kinds,
                (sum(minutes) filter (where kind in ('settle', 'adjust')))::int as minutes
           from usage_ledger_entries where attempt_id = call_attempts.id) as lines on true`,
  );
  const history = await database.query<{ entry: string }>(
    `select recipient_number || ' ' || call_id as entry from user_call_history order by entry`,
  );
  return {
    story,
    vendors: records,
    calls: records.flatMap(({ calls }) => calls),
    posts: byNumber(records.flatMap(({ posts }) => posts)),
    rows,
    attempts: new Map(attempts.map((attempt) => [attempt.id, attempt])),
    history: history.map(({ entry }) => entry),
  };
}

function byNumber(posts: readonly AskedFor[]): Evidence['posts'] {
  const found = new Map<string, AskedFor[]>();
  for (const post of [...posts].sort((a, b) => a.at - b.at))
    found.set(post.number, [...(found.get(post.number) ?? []), post]);
  return found;
}

/** Tables that grow with every call, request or user. */
const LARGE = [
  ...['call_queue', 'call_attempts', 'user_call_history', 'usage_ledger_entries', 'user_call_usage'],
  ...['idempotency_keys', 'admin_audit_entries', 'stripe_events', 'user_profiles', 'user_subscriptions'],
];
const NAME = `(?:only )?(?:public\\.)?(${LARGE.join('|')})\\b`;
/** Differs from row to row, or is written into each: PostgreSQL then writes the whole table anew. */
const WRITTEN_INTO_EACH =
  /\b(gen_random_uuid|clock_timestamp|timeofday|random|nextval)\s*\(|\bserial\b|\bgenerated always as\b/;

/** What holds up whoever uses the table meanwhile, for as long as it takes to go through all of it. */
const SLOW: readonly (readonly [what: string, isIt: (statement: string) => string | undefined])[] = [
  [
    'builds an index while nobody can write',
    (text) => find(text, `^create (?:unique )?index (?!if not exists).* on ${NAME}`),
  ],
  [
    'writes the table anew',
    (text) => find(text, `^alter table ${NAME}.* alter (?:column )?\\S+ (?:set data )?type\\b`),
  ],
  [
    'writes the table anew',
    (text) =>
      WRITTEN_INTO_EACH.test(text) ? find(text, `^alter table ${NAME} add (?:column )?(?!constraint)`) : undefined,
  ],
  ['reads all rows', (text) => find(text, `^alter table ${NAME}.* set not null`)],
  [
    'reads all rows',
    (text) =>
      /\b(not valid|using index)\b/.test(text) ? undefined : find(text, `^alter table ${NAME} add constraint`),
  ],
  ['changes rows', (text) => find(text, `^(?:do .*)?(?:\\bwith .*)?\\b(?:update|delete from) ${NAME}`)],
  [
    'goes through the table',
    (text) => find(text, `^(?:cluster|vacuum full|reindex table|truncate(?: table)?) ${NAME}`),
  ],
];

/** Statements of a migration that would stop the service's work on a large table: `table: what it does`. */
export function slowStatements(migration: string): readonly string[] {
  const statements = migration.split('--> statement-breakpoint').map(plain);
  const made = new Set(statements.flatMap((text) => find(text, `^create table (?:if not exists )?${NAME}`) ?? []));
  return statements.flatMap((text) =>
    SLOW.flatMap(([what, isIt]) => {
      const table = isIt(text);
      return table === undefined || made.has(table) ? [] : [`${table}: ${what}`];
    }),
  );
}

function find(text: string, pattern: string): string | undefined {
  return new RegExp(pattern).exec(text)?.[1];
}

/** In one line, without comments, quotes of names, and bodies of functions, which run later. */
function plain(statement: string): string {
  const words = statement.replaceAll(/--.*$/gm, '').replaceAll('"', '').replaceAll(/\s+/g, ' ').trim().toLowerCase();
  return words.startsWith('do ') ? words : words.replaceAll(/\$(\w*)\$.*?\$\1\$/g, '');
}

/** Tables that grow with every call, request or user. */
const LARGE = [
  ...['call_queue', 'call_attempts', 'user_call_history', 'usage_ledger_entries', 'user_call_usage'],
  ...['idempotency_keys', 'admin_audit_entries', 'stripe_events', 'user_profiles', 'user_subscriptions'],
];
const NAME = `(?:if exists )?(?:only )?(?:public\\.)?(${LARGE.join('|')})\\b`;
const ADD_COLUMN = `^alter table ${NAME} add (?!constraint|primary|unique|check|foreign|exclude)`;
/** Differs from row to row, or is written into each: PostgreSQL then writes the whole table anew. */
const WRITTEN_INTO_EACH =
  /\b(gen_random_uuid|clock_timestamp|timeofday|random|nextval)\s*\(|\bserial\b|\bgenerated always as\b/;

/** What holds up whoever uses the table meanwhile, for as long as it takes to go through all of it. */
const SLOW: readonly (readonly [what: string, isIt: (statement: string) => string | undefined])[] = [
  [
    'builds an index while nobody can write',
    (text) => find(text, `^create (?:unique )?index (?!if not exists\\b)(?:\\S+ )*?on ${NAME}`),
  ],
  ['writes the table anew', (text) => find(text, `^alter table ${NAME} alter (?:column )?\\S+ (?:set data )?type\\b`)],
  ['writes the table anew', (text) => (WRITTEN_INTO_EACH.test(text) ? find(text, ADD_COLUMN) : undefined)],
  ['reads all rows', (text) => find(text, `^alter table ${NAME} alter (?:column )?\\S+ set not null`)],
  ['reads all rows', (text) => find(text, `${ADD_COLUMN}.* (?:references|primary key|unique|check)\\b`)],
  [
    'reads all rows',
    (text) =>
      /\b(not valid|using index)\b/.test(text)
        ? undefined
        : find(text, `^alter table ${NAME} add (?:constraint|primary|unique|check|foreign|exclude)\\b`),
  ],
  ['changes rows', (text) => find(text, `^(?:with .*\\b)?(?:update|delete from) ${NAME}`)],
  [
    'goes through the table',
    (text) => find(text, `^(?:cluster|vacuum full|reindex table|truncate(?: table)?) ${NAME}`),
  ],
];

/** Statements of a migration that would stop the service's work on a large table: `table: what it does`. */
export function slowStatements(migration: string): readonly string[] {
  const statements = migration.split('--> statement-breakpoint').flatMap(statementsOf).flatMap(actionsOf);
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

/** Each in one line, without comments, quotes of names, and bodies of functions, which run later. */
function statementsOf(text: string): readonly string[] {
  const words = text
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll('"', '')
    .replaceAll(/\s+/g, ' ')
    .toLowerCase();
  return words
    .replaceAll(/\b(do (?:language \w+ )?)?\$(\w*)\$(.*?)\$\2\$/g, (_, runs: string | undefined, __, body: string) =>
      runs === undefined ? '' : stepsOf(body),
    )
    .split(';')
    .map((statement) => statement.trim());
}

/** What is done at once runs like any statement, wherever it stands between the words of a procedure. */
function stepsOf(body: string): string {
  return `;${body.replaceAll(/\b(?:begin|then|else|loop)\b|\bexecute (?:format ?\( ?)?'/g, ';')};`;
}

/** What one statement does to one table, apart: what excuses one of them says nothing about the next. */
function actionsOf(statement: string): readonly string[] {
  const [, head = '', actions = ''] = /^(alter table (?:if exists )?(?:only )?\S+) (.*)$/.exec(statement) ?? [];
  if (head === '') return [statement];
  return actions
    .split(/, ?(?=(?:add|alter|drop|rename|validate|set|enable|disable) )/)
    .map((action) => `${head} ${action}`);
}

/** What a message to the server asks for, without a single value. */
export interface StatementsDescription {
  /** Operations and what they are about: `SELECT call_queue, user_profiles`. */
  readonly summary: string;
  /** The statements with `?` in place of every value; empty where that cannot be told for certain. */
  readonly text: string;
  readonly count: number;
}

/**
 * Everything that a statement consists of: texts in each of their forms, comments, quoted names, parameters, words,
 * numbers. What is left over are operators and brackets, and never a sign that begins something: that has no end.
 */
const TOKEN = new RegExp(
  [
    /(?<value>[eE]'(?:\\[^]|''|[^'\\])*'|(?<plain>[bBxXnN]?'(?:''|[^'])*')|\$(?<tag>(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$[^]*?\$\k<tag>\$)/,
    /(?<comment>--[^\n\r]*|\/\*[^]*?\*\/)/,
    /(?<name>"(?:""|[^"])*"|\$\d+|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/,
    /(?<number>\d[\w.]*)/,
    /(?<leftOver>['"\\$]|\/\*)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);
const LONGEST_TEXT = 4_000;
const LONGEST_SUMMARY = 120;

/** Statements that are about the connection or the transaction. */
const ASIDE = /^(begin|set|reset|commit|rollback|savepoint|release)\b/i;
const TARGET =
  /\b(?:(?<written>into|(?<!for\s)update)|join|(?<!(?:distinct|epoch)\s)from)\s+(?:only\s+)?(?<table>"?[a-z_]\w*"?(?:\."?\w+"?)?)(?<bracket>\s*\()?|\b(?<called>ringonce\.\w+)\s*\(/gi;

export function describeStatements(message: string): StatementsDescription {
  const text = tryTo(() => withoutValues(message));
  if (text === undefined) return { summary: 'SQL', text: '', count: 1 };
  const statements = text
    .split(';')
    .map((one) => one.trim())
    .filter(Boolean);
  const matters = statements.filter((statement) => !ASIDE.test(statement));
  const summaries = matters.length > 0 ? matters.map(summaryOf) : statements.slice(0, 1).map(operationOf);
  return {
    summary: [...new Set(summaries)].join('; ').slice(0, LONGEST_SUMMARY) || 'SQL',
    text: statements.join('; ').slice(0, LONGEST_TEXT),
    count: statements.length,
  };
}

/** A text of many megabytes is more than a regular expression can take. */
function tryTo<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Undefined where it cannot be told for certain what is a value. */
function withoutValues(message: string): string | undefined {
  let text = '';
  let at = 0;
  for (const { 0: token, index, groups = {} } of message.matchAll(TOKEN)) {
    if (groups['leftOver'] !== undefined || mayEndElsewhere(groups)) return undefined;
    text += message.slice(at, index);
    if (groups['name']) text += token;
    else text += groups['comment'] ? ' ' : '?';
    at = index + token.length;
  }
  return (text + message.slice(at)).replace(/\s+/g, ' ');
}

/**
 * A comment within a comment needs two ends. And `\'` ends no text where the server's `standard_conforming_strings` are
 * off, or where it goes on from an `E''` on the line before.
 */
function mayEndElsewhere({ comment, plain }: Readonly<Record<string, string | undefined>>): boolean {
  return (comment?.includes('/*', 2) ?? false) || (plain?.includes(`\\'`) ?? false);
}

function summaryOf(statement: string): string {
  const targets = new Set<string>();
  for (const { groups = {} } of statement.matchAll(TARGET)) {
    const target = (groups['called'] ?? groups['table'] ?? '').replaceAll('"', '');
    // A built-in function behind FROM, as in extract(epoch from now()).
    const isBuiltIn = groups['bracket'] && !groups['written'] && !target.includes('.');
    if (!isBuiltIn) targets.add(target);
  }
  return [operationOf(statement), [...targets].join(', ')].filter(Boolean).join(' ');
}

function operationOf(statement: string): string {
  return (/^\(*\s*([a-z]+)/i.exec(statement)?.[1] ?? '').toUpperCase();
}

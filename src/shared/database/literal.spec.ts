import type { SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { literal, uuids } from './literal';

const ID = '7f1c9a52-5b0c-4c5e-9b1e-0f2f7f8f1a01';
const compiled = (statement: SQL) => {
  const { sql, params } = new PgDialect().sqlToQuery(statement);
  return [sql, params];
};

describe('a literal', () => {
  it.each(['', 'a', '[{"minutes":3,"kind":"settle"}]', '{1,2}', '$1 -- ; /* "x" ~'])(
    'is part of the text: %j',
    (value) => {
      expect(compiled(literal(value))).toEqual([`'${value}'`, []]);
    },
  );

  it.each([
    `o'brien`,
    `'`,
    `'; drop table calls --`,
    '\\',
    `["a\\nb"]`,
    `\\'`,
    'a\0b',
    'a\nb',
    'é',
    '\u{1f600}',
    '\u2019',
    '\x7f',
  ])('is a parameter: %j', (value) => {
    expect(compiled(literal(value))).toEqual(['$1', [value]]);
  });
});

describe('a list of ids', () => {
  it('is part of the text', () => {
    expect(compiled(uuids([ID, ID.toUpperCase()]))).toEqual([`'{${ID},${ID.toUpperCase()}}'::uuid[]`, []]);
    expect(compiled(uuids([]))).toEqual([`'{}'::uuid[]`, []]);
  });

  it.each([`${ID}'`, `${ID}}', ''); --`, '', 'nonsense', `${ID}\n`])('has nothing else in it: %j', (id) => {
    expect(() => uuids([ID, id])).toThrow('is no UUID');
  });
});

import { assert, property, string } from 'fast-check';
import { describeStatements } from './describe-statements';

describe('what is told of statements', () => {
  it.each([
    ['select * from call_queue where id = $1', 'SELECT call_queue', 'select * from call_queue where id = $1'],
    ['begin', 'BEGIN', 'begin'],
    ["begin; set local idle_in_transaction_session_timeout = '30s'; commit", 'BEGIN', undefined],
    ['insert into "call_queue" ("id") values ($1) returning "id"', 'INSERT call_queue', undefined],
    ['update call_queue as call set status = $1 from unnest($2::uuid[]) as x (id)', 'UPDATE call_queue', undefined],
    [
      `begin; select * from ringonce.open_attempts(); select ringonce.start_attempts('[{"id":"7"}]', 'me')`,
      'SELECT ringonce.open_attempts; SELECT ringonce.start_attempts',
      'begin; select * from ringonce.open_attempts(); select ringonce.start_attempts(?, ?)',
    ],
    [
      'select extract(epoch from now()), extract(epoch from "due_at" - now()) from call_queue join user_profiles on true where a is distinct from b for update of call_queue',
      'SELECT call_queue, user_profiles',
      undefined,
    ],
  ])('%s', (message, summary, text) => {
    expect(describeStatements(message)).toMatchObject({ summary, ...(text !== undefined && { text }) });
  });

  it.each([
    [`'it''s +12025550123'`],
    [`E'it\\'s +12025550123'`],
    [`$tag$ it's $$ +12025550123 $tag$`],
    [`$$ +12025550123 $$`],
    ['12025550123'],
    ['1.2025550123e7'],
    [`'a' /* +12025550123 ' */`],
    [`'a' -- +12025550123 '\n`],
    [`'{"x": "+12025550123; drop"}'::jsonb`],
    [`$ü$ it's +12025550123 $ü$`],
    [`$é1$ $ü$ +12025550123 $é1$`],
    [`'a' -- it's\r'+12025550123 --'`],
  ])('has nothing of the value %s', (value) => {
    const { text, summary } = describeStatements(`select a from b where c = ${value} and d1 = $2`);
    expect(text).toMatch(/^select a from b where c = \?.* and d1 = \$2$/);
    expect(text + summary).not.toContain('2025550123');
  });

  it.each([
    [`select 'open +12025550123`],
    [`select a" from b where c = +12025550123`],
    [`select $a$ +12025550123 '`],
    [`select $a$ Mortimer`],
    [`select 1 /* a /* b */ Mortimer */`],
    [`select 1 /* Mortimer`],
    [`select E'a'\n'b\\' Mortimer \\'c'`],
    [`select E'a' --\n'\\'Mortimer', 'b\\'c'`],
    [`select 'a\\' Mortimer \\'b'`],
    [`select 'a\\' Mortimer -- \\' '`],
    [`select 'a\\' Mortimer', 'b\\'c'`],
    [`select a \\ Mortimer`],
    ['select Mortimer $ 1'],
  ])('tells no text where it cannot be certain what is a value: %s', (message) => {
    expect(describeStatements(message)).toEqual({ summary: 'SQL', text: '', count: 1 });
  });

  it('has nothing of any text, however it is written', () => {
    const quoted = (value: string): readonly string[] => [
      `'${value.replaceAll('\\', '').replaceAll(`'`, `''`)}'`,
      `E'${value.replaceAll('\\', '\\\\').replaceAll(`'`, `\\'`)}'`,
      `$q7$${value.replaceAll('$', '')}$q7$`,
    ];
    assert(
      property(string({ unit: 'grapheme' }), (noise) => {
        for (const literal of quoted(`${noise}Mortimer${noise}`)) {
          const { text, summary } = describeStatements(`select f(${literal}); commit`);
          expect([text, summary]).toEqual(['select f(?); commit', 'SELECT']);
        }
      }),
    );
  });

  it('of many megabytes is at most that they are SQL', () => {
    const text = 'Mortimer '.repeat(2_000_000);
    for (const literal of [`'${text}'`, `E'${text}'`, `$$${text}$$`])
      expect(describeStatements(`select ${literal} from call_queue`).text).not.toContain('Mortimer');
  });
});

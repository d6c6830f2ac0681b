import fc, { type Arbitrary } from 'fast-check';
import type { DescribedApi, Schema } from './described-api';

/** Ids that exist, by the name of the property or parameter that takes them. */
export type KnownIds = (name: string) => readonly string[];

/** What JSON.stringify would not write: replaced in the finished text. */
const RAW = new Map([
  ['<<infinity>>', '1e400'],
  ['<<minus infinity>>', '-1e400'],
  ['<<minus zero>>', '-0'],
  ['<<many digits>>', '1'.repeat(400)],
  ['<<tiny>>', '1e-400'],
  ['<<half a pair>>', '"\\ud800"'],
]);
/** Texts that are what they should be, by format or by name. */
const MEANT: Readonly<Record<string, readonly string[]>> = {
  'date-time': ['2026-12-01T10:00:00Z', '2027-01-01T00:00:00.5Z', '2020-02-29T00:00:00Z', '2027-03-01T00:00:00+01:00'],
  date: ['2026-12-01', '2020-02-29'],
  uri: ['https://app.example.com/done?a=b', 'http://localhost:3000/', 'https://xn--bcher-kva.example/%20#x'],
  driver: ['vapi', 'retell'],
  recipientNumber: ['+12025550123', '+4915112345678', '+8613800138000', '+19999999999'],
};
/** Vendors at which nothing may be asked: the discard port of this machine. */
const NOWHERE = 'http://127.0.0.1:9';
/** Half of all strings go into a body of 1 MB, where one of a million characters just fits. */
const MEGABYTE = 'x'.repeat(1_000_000);

export const hostileText: Arbitrary<string> = fc.oneof(
  { arbitrary: fc.string({ unit: 'binary', maxLength: 40 }), weight: 4 },
  { arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }), weight: 2 },
  {
    arbitrary: fc.constantFrom(
      '',
      ' ',
      '\u0000',
      'a\u0000b',
      '\ud800',
      '\udfff\ud800',
      '\ufeff',
      '\u202e\u2066',
      '\r\n{"level":60,"message":"forged"}\r\n',
      '\u001b[2J\u001b]0;owned\u0007',
      "'; drop table call_queue; --",
      "' or '1'='1",
      '"); select pg_sleep(1); --',
      '$1',
      '%',
      '_%\\',
      '\\',
      '{{constructor.constructor("return process")()}}',
      '${process.env}',
      '<script>alert(1)</script>',
      '../../../../etc/passwd',
      '__proto__',
      'constructor',
      'toString',
      'null',
      'true',
      'NaN',
      '-1',
      '1e309',
      '0x7fffffff',
      '9'.repeat(400),
      '+1202555012３',
      '+12025550123;ext=1',
      '2026-02-30T25:61:61Z',
      '0000-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999Z',
      '-000001-01-01T00:00:00Z',
      '2026-01-01T00:00:00+99:99',
      '00000000-0000-0000-0000-000000000000',
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
      '\uff10'.repeat(36),
      'a'.repeat(256),
      'ß'.repeat(5_001),
      '🙂'.repeat(200),
      'javascript:alert(1)',
      'file:///etc/passwd',
      'http://[::1',
      'http://user:password@127.0.0.1:9/?a=b#c',
      'data:text/html,x',
    ),
    weight: 8,
  },
);

const hostileNumber: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...RAW.keys(),
    0,
    -1,
    0.1,
    200.5,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 53,
    2 ** 63,
    -(2 ** 63),
    1e21,
    1.7976931348623157e308,
    5e-324,
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);

const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'a.b',
  '',
  '$ref',
  'a\u0000b',
  '\ud800',
  'id',
];

/** With own properties of any name, `__proto__` too. */
function record(entries: readonly (readonly [string, unknown])[]): object {
  const made = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of entries) made[key] = value;
  return made;
}

const hostileRecord = (value: Arbitrary<unknown>): Arbitrary<object> =>
  fc.array(fc.tuple(fc.constantFrom(...KEYS), value), { minLength: 1, maxLength: 3 }).map(record);

function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let made: unknown = 1;
  for (let level = 0; level < depth; level += 1) made = wrap(made);
  return made;
}

/** Seldom, since each costs as much as a hundred others. */
const heavy: Arbitrary<unknown> = fc.constantFrom<unknown>(
  MEGABYTE,
  Array(10_000).fill('x'),
  Array(10_000).fill({}),
  nested(2_000, (inner) => [inner]),
  nested(2_000, (inner) => ({ a: inner })),
  record(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, index])),
);

/** Anything that JSON can say, and some that it cannot. */
export const hostileValue: Arbitrary<unknown> = fc.oneof(
  { arbitrary: hostileText, weight: 10 },
  { arbitrary: hostileNumber, weight: 6 },
  { arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null]), weight: 4 },
  { arbitrary: hostileRecord(fc.oneof(hostileText, hostileNumber)), weight: 4 },
  { arbitrary: fc.array(hostileText, { maxLength: 4 }), weight: 2 },
  { arbitrary: fc.jsonValue({ maxDepth: 3 }), weight: 2 },
  { arbitrary: heavy, weight: 1 },
);

/** Makes values for the schemas of one document. */
export class SchemaValues {
  constructor(
    private readonly api: DescribedApi,
    private readonly knownIds: KnownIds,
  ) {}

  /** A body that fits the schema, one with something wrong in it, or something else altogether; as JSON. */
  body(schema: Schema): Arbitrary<string> {
    const { properties = {} } = this.api.resolve(schema);
    const names = Object.keys(properties);
    const fitting = this.fitting(schema, '', 0);
    const spoilt = fc
      .tuple(
        fitting,
        fc.array(fc.tuple(fc.constantFrom(...names, ...KEYS), hostileValue), { minLength: 1, maxLength: 2 }),
      )
      .map(([body, changes]) => record([...Object.entries(body as object), ...changes.filter(isHarmless)]));
    return fc.oneof(
      { arbitrary: fitting.map(toJson), weight: 5 },
      { arbitrary: spoilt.map(toJson), weight: 8 },
      { arbitrary: hostileValue.map(toJson), weight: 1 },
      { arbitrary: hostileText, weight: 1 },
    );
  }

  /** Text for a parameter in the path, the query or a header. */
  parameter(name: string, schema: Schema): Arbitrary<string> {
    const toText = (value: unknown): string => (typeof value === 'string' ? value : toJson(value));
    return fc.oneof(
      { arbitrary: this.fitting(schema, name, 0).map(toText), weight: 3 },
      { arbitrary: hostileText, weight: 2 },
    );
  }

  private fitting(given: Schema, name: string, depth: number): Arbitrary<unknown> {
    const schema = this.api.resolve(given);
    if (name === 'baseUrl') return fc.constant(NOWHERE);
    const value = this.fittingType(schema, name, depth);
    return schema.nullable
      ? fc.oneof({ arbitrary: value, weight: 3 }, { arbitrary: fc.constant(null), weight: 1 })
      : value;
  }

  private fittingType(schema: Schema, name: string, depth: number): Arbitrary<unknown> {
    if (schema.anyOf) return fc.oneof(...leaves(schema.anyOf, depth).map((one) => this.fitting(one, name, depth + 1)));
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (schema.type === 'object') return this.fittingObject(schema, depth);
    if (schema.type === 'array') {
      const { items = {}, minItems = 0, maxItems = 100 } = schema;
      return fc.array(this.fitting(items, name, depth + 1), { minLength: minItems, maxLength: Math.min(maxItems, 3) });
    }
    return this.fittingLeaf(schema, name);
  }

  private fittingObject(
    { properties = {}, required = [], additionalProperties }: Schema,
    depth: number,
  ): Arbitrary<unknown> {
    if (typeof additionalProperties === 'object') {
      const value = depth > 3 ? fc.constant('deep') : this.fitting(additionalProperties, '', depth + 1);
      return fc.array(fc.tuple(fc.constantFrom('name', 'day', ...KEYS), value), { maxLength: 3 }).map(record);
    }
    const parts = Object.entries(properties).map(([key, schema]) => {
      const value = this.fitting(schema, key, depth + 1).map((one): readonly (readonly [string, unknown])[] => [
        [key, one],
      ]);
      return required.includes(key) ? value : fc.oneof(value, fc.constant([]));
    });
    return fc.tuple(...parts).map((entries) => record(entries.flat()));
  }

  private fittingLeaf(schema: Schema, name: string): Arbitrary<unknown> {
    switch (schema.type) {
      case 'boolean':
        return fc.boolean();
      case 'integer':
        return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1_000, 2 ** 31) });
      case 'number':
        return fc.double({ noNaN: true, noDefaultInfinity: true });
      case 'string':
        return this.fittingText(schema, name);
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  }

  private fittingText({ format, pattern, minLength = 0, maxLength = 60 }: Schema, name: string): Arbitrary<string> {
    if (format === 'uuid') {
      const known = fc.constantFrom(...this.knownIds(name));
      return fc.oneof({ arbitrary: known, weight: 5 }, { arbitrary: fc.uuid(), weight: 1 });
    }
    const meant = MEANT[format ?? name] ?? (pattern?.startsWith('^\\+') ? MEANT['recipientNumber'] : undefined);
    if (meant) return fc.constantFrom(...meant);
    if (pattern !== undefined) return fc.constantFrom('a', 'to:US', '202', 'visible-characters-only');
    return fc.oneof(
      fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 60) }),
      fc.constantFrom("'; --", '🙂', 'x'.repeat(maxLength)),
    );
  }
}

/** Without these, a provider would mean the real vendor. */
function isHarmless([name, value]: readonly [string, unknown]): boolean {
  return (
    name !== 'baseUrl' ||
    (typeof value === 'string' ? !/^https?:/i.test(value.trim()) || value.includes('127.0.0.1') : value !== null)
  );
}

/** What ends a schema that contains itself. */
function leaves(schemas: readonly Schema[], depth: number): readonly Schema[] {
  const ends = schemas.filter(({ type }) => type !== 'object' && type !== 'array');
  return depth > 3 && ends.length > 0 ? ends : schemas;
}

function toJson(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  return [...RAW].reduce((made, [mark, raw]) => made.replaceAll(`"${mark}"`, raw), text ?? '');
}

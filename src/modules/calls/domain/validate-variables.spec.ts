import fc from 'fast-check';
import type { ParamValue, TemplateParam, TemplateParams } from './template-params';
import { MAX_TEXT_LENGTH, validateVariables } from './validate-variables';

const params: TemplateParams = {
  name: { type: 'string', required: true, maxLength: 5 },
  amount: { type: 'number' },
  isUrgent: { type: 'boolean', default: false },
  day: { type: 'date' },
  tone: { type: 'string', enum: ['warm', 'brief'], default: 'warm', required: true },
};
const paramsOrder = ['tone', 'name', 'amount', 'isUrgent', 'day'];

const check = (definition: TemplateParams, given: unknown) =>
  validateVariables({ params: definition, paramsOrder: Object.keys(definition) }, given);

const messagesOf = (given: unknown) => {
  const checked = validateVariables({ params, paramsOrder }, given);
  return checked.ok ? [] : checked.violations.map(({ path, message }) => `${path} ${message}`);
};

describe('validateVariables', () => {
  it('fills in defaults and keeps the order of the params', () => {
    const checked = validateVariables({ params, paramsOrder }, { day: '2028-02-29', name: 'Ada' });
    expect(checked).toEqual({ ok: true, variables: { tone: 'warm', name: 'Ada', isUrgent: false, day: '2028-02-29' } });
    expect(Object.keys(checked.ok ? checked.variables : {})).toEqual(['tone', 'name', 'isUrgent', 'day']);
  });

  it('names every offending variable at once', () => {
    expect(messagesOf({ amount: '7', isUrgent: 1, day: '2027-02-29', tone: 'loud', extra: true })).toEqual([
      'customVariables.extra is not a variable of the template',
      'customVariables.tone must be one of warm, brief',
      'customVariables.name is required',
      'customVariables.amount must be a finite number',
      'customVariables.isUrgent must be true or false',
      'customVariables.day must be an existing ISO 8601 date or date-time',
    ]);
  });

  it('counts characters, not code units', () => {
    expect(messagesOf({ name: '😀😀😀😀😀' })).toEqual([]);
    expect(messagesOf({ name: 'Archie' })).toEqual(['customVariables.name must have at most 5 characters']);
  });

  it('bounds texts of params that name no length', () => {
    const free: TemplateParams = { text: { type: 'string' } };
    expect(check(free, { text: 'a'.repeat(MAX_TEXT_LENGTH) }).ok).toBe(true);
    expect(check(free, { text: 'a'.repeat(MAX_TEXT_LENGTH + 1) }).ok).toBe(false);
  });

  it.each([['a\0b'], ['\ud800'], [null], [Number.NaN], [[]], [{}]])('refuses %p as a text', (name) => {
    expect(messagesOf({ name })).toHaveLength(1);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '7', null])('refuses %p as a number', (amount) => {
    expect(messagesOf({ name: 'Ada', amount })).toEqual(['customVariables.amount must be a finite number']);
  });

  it.each([[null], [[]], ['text'], [undefined], [7]])('refuses %p in place of variables', (given) => {
    expect(messagesOf(given)).toEqual(['customVariables must be an object']);
  });

  it('takes nothing from prototypes', () => {
    expect(messagesOf(Object.create({ name: 'Ada' }))).toEqual(['customVariables.name is required']);
    const poisoned: unknown = JSON.parse('{"name":"Ada","__proto__":{"tone":"brief"},"constructor":1}');
    expect(messagesOf(poisoned)).toEqual([
      'customVariables.__proto__ is not a variable of the template',
      'customVariables.constructor is not a variable of the template',
    ]);
    const odd = { constructor: { type: 'string', required: true } } as unknown as TemplateParams;
    expect(check(odd, {}).ok).toBe(false);
    expect(check(odd, { constructor: 'x' })).toEqual({ ok: true, variables: { constructor: 'x' } });
  });

  it('survives templates that make no sense', () => {
    const given = { x: 'text' };
    for (const param of [null, 7, 'string', [], {}, { type: 'toString' }, { type: 'string', enum: 'text' }]) {
      const broken = { x: param } as unknown as TemplateParams;
      expect(check(broken, given).ok).toBe(false);
      expect(check(broken, {}).ok).toBe(false);
    }
    expect(check([] as unknown as TemplateParams, given).ok).toBe(false);
    fc.assert(
      fc.property(fc.dictionary(fc.constant('x'), fc.jsonValue()), (definition) => {
        const answer = check(definition as unknown as TemplateParams, given);
        return typeof answer.ok === 'boolean';
      }),
    );
  });

  it('accepts exactly the values of each type, whatever the names', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), typedValue(), { maxKeys: 8 }), (entries) => {
        const given = mapValues(entries, ({ value }) => value);
        const matching = mapValues(entries, ({ param }) => param);
        expect(check(matching, given)).toEqual({ ok: true, variables: given });
        const missing = check(matching, {});
        expect(missing.ok ? 0 : missing.violations.length).toBe(Object.keys(entries).length);
        const unknown = check({}, given);
        expect(unknown.ok ? 0 : unknown.violations.length).toBe(Object.keys(entries).length);
      }),
    );
  });

  it('accepts every existing instant as a date, and never throws on anything', () => {
    const dated: TemplateParams = { day: { type: 'date', required: true } };
    const instants = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(instants, (instant) => {
        const text = instant.toISOString();
        expect(check(dated, { day: text }).ok).toBe(true);
        expect(check(dated, { day: text.slice(0, 10) }).ok).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (given) => typeof check(params, given).ok === 'boolean'),
    );
    fc.assert(fc.property(fc.string(), (day) => !check(dated, { day }).ok || !Number.isNaN(Date.parse(day))));
  });

  it.each([
    '2026-13-01',
    '2026-00-10',
    '2026-04-31',
    '1900-02-29',
    '2026-1-1',
    '2026-01-01T24:00',
    '2026-01-01T10:60',
    '2026-01-01T10:00+25:00',
    '2026-01-01T10:00Tx',
    '2026-01-01 10:00',
    '10:00',
    '',
  ])('refuses %p as a date', (day) => {
    expect(check({ day: { type: 'date' } }, { day }).ok).toBe(false);
  });

  it.each([
    '2000-02-29',
    '2026-12-31T23:59',
    '2026-12-31T23:59:59.123Z',
    '2026-12-31T10:00:00+05:30',
    '2026-12-31T10:00:00-08',
  ])('takes %p as a date', (day) => {
    expect(check({ day: { type: 'date' } }, { day }).ok).toBe(true);
  });
});

function typedValue(): fc.Arbitrary<{ readonly param: TemplateParam; readonly value: ParamValue }> {
  return fc.oneof(
    fc
      .string({ unit: 'grapheme' })
      .filter((text) => !text.includes('\0'))
      .map((value) => ({ param: { type: 'string', required: true } as const, value })),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((value) => ({ param: { type: 'number', required: true } as const, value })),
    fc.boolean().map((value) => ({ param: { type: 'boolean', required: true } as const, value })),
  );
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

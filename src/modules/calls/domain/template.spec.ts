import { problemsOfParams } from './template';

describe('problemsOfParams', () => {
  it('finds nothing wrong with a sound definition', () => {
    const params = {
      name: { type: 'string', required: true, maxLength: 40 },
      tone: { type: 'string', enum: ['warm', 'brief'], default: 'brief' },
      day: { type: 'date', default: '2028-02-29' },
    } as const;
    expect(problemsOfParams(params, ['day', 'name', 'tone'])).toEqual([]);
  });

  it.each([
    ['a name is missing', ['name']],
    ['a name is unknown', ['name', 'day', 'other']],
    ['a name comes twice', ['name', 'name']],
    ['a name is only inherited', ['name', 'constructor']],
  ])('refuses the order when %s', (_, order) => {
    const params = { name: { type: 'string' }, day: { type: 'date' } } as const;
    expect(problemsOfParams(params, order).map(({ path }) => path)).toEqual(['paramsOrder']);
  });

  it.each([
    [{ type: 'number', default: '7' }, 'params.it.default'],
    [{ type: 'date', default: '2027-02-29' }, 'params.it.default'],
    [{ type: 'string', default: 'long', maxLength: 3 }, 'params.it.default'],
    [{ type: 'string', default: 'c', enum: ['a', 'b'] }, 'params.it.default'],
    [{ type: 'number', enum: [1, 'b'] }, 'params.it.enum.1'],
    [{ type: 'boolean', maxLength: 3 }, 'params.it.maxLength'],
  ] as const)('refuses %p', (param, path) => {
    expect(problemsOfParams({ it: param }, ['it']).map((problem) => problem.path)).toEqual([path]);
  });
});

import { differences } from './snapshot';

describe('differences', () => {
  it('are the fields that changed, as they were and as they are', () => {
    const before = { name: 'Main', priority: 1, tags: ['a'], until: new Date(0) };
    const after = { name: 'Main', priority: 2, tags: ['a', 'b'], until: new Date(0) };
    expect(differences(before, after)).toEqual({
      before: { priority: 1, tags: ['a'] },
      after: { priority: 2, tags: ['a', 'b'] },
    });
  });

  it('tell of a field that only one side has', () => {
    expect(differences({ a: 1 }, { b: 2 })).toEqual({ before: { a: 1, b: null }, after: { a: null, b: 2 } });
  });

  it('are none between equals', () => {
    expect(differences({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBeUndefined();
  });
});

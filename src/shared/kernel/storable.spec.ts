import { storable } from './storable';

describe('storable', () => {
  it('takes out what PostgreSQL cannot store, at every depth and in keys', () => {
    expect(storable({ 'a\u0000': ['b\u0000c', { d: '\uD83D' }], n: 1, x: null })).toEqual({
      a: ['bc', { d: '\uFFFD' }],
      n: 1,
      x: null,
    });
  });

  it('keeps whole characters, dates and undefined', () => {
    const date = new Date(0);
    expect(storable({ smile: '\u{1F600}', date, missing: undefined })).toEqual({ smile: '\u{1F600}', date });
  });
});

import { decodeCursor, encodeCursor } from './page';

const id = '0b9f6c1e-54a1-4f0e-9d5e-0d6a3a1b7c2d';

describe('cursors', () => {
  it.each(['2026-11-22T16:12:14.123456Z', '2026-11-22 16:12:14.1+00', '2028-02-29T00:00:00+05:30'])(
    'keep %p as it is',
    (createdAt) => {
      expect(decodeCursor(encodeCursor({ createdAt, id }))).toEqual({ createdAt, id });
    },
  );

  it.each([
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T10:00:00+99',
    'now',
  ])('with %p are refused: the database could not read it', (createdAt) => {
    expect(decodeCursor(encodeCursor({ createdAt, id }))).toBeUndefined();
  });

  it.each([
    '',
    'x',
    '§',
    btoa('{}'),
    btoa('["2026-11-22T16:12:14Z"]'),
    btoa('["2026-11-22T16:12:14Z","7"]'),
    btoa('[1,2]'),
  ])('that are %p are refused', (cursor) => {
    expect(decodeCursor(cursor)).toBeUndefined();
  });
});

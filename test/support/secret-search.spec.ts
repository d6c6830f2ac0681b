import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folderInRun, recordSecret } from './run-record';
import { searchFolder } from './search-folder';
import { SecretSearch } from './secret-search';

/** Never recorded: this file writes it where nobody may. */
const TEXT = `a key/with+"signs" ${randomBytes(8).toString('hex')}`;
const KEY = randomBytes(32);
const SECRETS = [
  { label: 'the text', bytes: Buffer.from(TEXT) },
  { label: 'the key', bytes: KEY },
];
const search = new SecretSearch(SECRETS);
const found = (bytes: Buffer | string) =>
  search.in(Buffer.from(bytes as string)).map(({ label, form }) => [label, form]);
const noise = (length: number) => Buffer.alloc(length, randomBytes(256));

describe('a secret is found', () => {
  it.each<[string, Buffer | string, string]>([
    ['in clear', TEXT, 'clear'],
    ['in JSON', JSON.stringify({ said: TEXT }), 'JSON'],
    ['in a URL', `https://a.example/?key=${encodeURIComponent(TEXT)}&b=1`, 'URL encoding'],
    ['in hex', Buffer.from(TEXT).toString('hex'), 'hex'],
    ['in capital hex', Buffer.from(TEXT).toString('hex').toUpperCase(), 'hex'],
    ['in base64', Buffer.from(TEXT).toString('base64'), 'base64'],
    ['in base64 behind a user name', Buffer.from(`somebody:${TEXT}@`).toString('base64'), 'base64'],
  ])('%s', (_, bytes, form) => {
    expect(found(bytes)).toContainEqual(['the text', form]);
    expect(found(Buffer.concat([noise(1000), Buffer.from(bytes as string), noise(1000)]))).toContainEqual([
      'the text',
      form,
    ]);
  });

  it.each([0, 1, 2, 3, 4])('in base64 and base64url, %d bytes after the beginning', (offset) => {
    const document = Buffer.concat([Buffer.alloc(offset, 'x'), KEY, Buffer.from('y')]);
    expect(found(document.toString('base64'))).toContainEqual(['the key', expect.stringMatching(/^base64/)]);
    expect(found(document.toString('base64url'))).toContainEqual(['the key', expect.stringMatching(/^base64/)]);
  });

  it('as bytes that are no text', () => {
    expect(found(Buffer.concat([noise(77), KEY]))).toEqual([['the key', 'clear']]);
  });

  it('as often as it is there, wherever that is', () => {
    for (let before = 0; before < 50; before += 1) {
      const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(TEXT + TEXT), Buffer.alloc(before)]);
      expect(search.in(bytes).map(({ offset }) => offset)).toEqual([before, before + TEXT.length]);
    }
  });

  it('among thousands of others', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => ({
      label: String(index),
      bytes: randomBytes(16 + (index % 50)),
    }));
    const haystack = Buffer.concat([noise(1_000_000), ...many.map(({ bytes }) => bytes), noise(1_000_000)]);
    const labels = new Set(new SecretSearch([...many, ...SECRETS]).in(haystack).map(({ label }) => label));
    expect(labels).toEqual(new Set(many.map(({ label }) => label)));
  });
});

it('finds nothing where there is nothing, and nothing when there are no secrets', () => {
  expect(found(TEXT.slice(1))).toEqual([]);
  expect(found(Buffer.concat([KEY.subarray(0, 31), Buffer.from([KEY[31]! ^ 1])]))).toEqual([]);
  expect(found('')).toEqual([]);
  expect(new SecretSearch([]).in(noise(10_000))).toEqual([]);
});

it('refuses a secret that chance could find', () => {
  expect(() => recordSecret('the key of a test', 'short')).toThrow(/^the key of a test: .*16 bytes/);
});

describe('a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = folderInRun('searched-');
  });
  // Or the search at the end of the run would find what is planted here, were it recorded.
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (path: string, content: Buffer | string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const places = () => searchFolder(folder, search).findings;

  it('is searched to its depths; only the files that are for secrets are left out', () => {
    write('a/b/c.log', `x ${TEXT} y ${TEXT}`);
    write('clean.log', 'x');
    for (const name of ['secrets.json', 'secrets.jsonl']) write(`data/${name}`, TEXT);
    expect(searchFolder(folder, search)).toMatchObject({ files: 2 });
    expect(places()).toEqual([{ file: 'a/b/c.log', label: 'the text', form: 'clear', times: 2 }]);
  });

  it('is searched across the borders of what is read at once', () => {
    const border = 16 * 1024 * 1024;
    write('big.log', Buffer.concat([Buffer.alloc(border - 10), Buffer.from(TEXT), Buffer.alloc(100)]));
    expect(places()).toMatchObject([{ file: 'big.log', times: 1 }]);
  });

  it('does not join what stands in two files', () => {
    write('a.log', TEXT.slice(0, 20));
    write('b.log', TEXT.slice(20));
    expect(places()).toEqual([]);
  });

  it("is searched through the page headers of PostgreSQL's log of changes, and from segment to segment", () => {
    const [header, firstHeader] = [Buffer.alloc(24, 'h'), Buffer.alloc(40, 'f')];
    const [one, two] = [Buffer.from(TEXT.slice(0, 9)), Buffer.from(TEXT.slice(9))];
    const page = Buffer.concat([firstHeader, Buffer.alloc(8192 - 40 - one.length), one]);
    write('pg_wal/000000010000000000000001', Buffer.concat([page, header, two, Buffer.alloc(100)]));
    expect(places()).toMatchObject([{ file: 'pg_wal/000000010000000000000001', times: 1 }]);
    write('pg_wal/000000010000000000000001', page);
    write('pg_wal/000000010000000000000002', Buffer.concat([firstHeader, two, Buffer.alloc(100)]));
    expect(places()).toMatchObject([{ file: 'pg_wal/000000010000000000000002', times: 1 }]);
  });
});

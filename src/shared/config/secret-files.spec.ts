import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillFromFiles } from './secret-files';

const NAMES = ['KEY', 'OTHER'];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringonce-secrets-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function file(content: string): string {
  const path = join(folder, 'secret');
  writeFileSync(path, content);
  return path;
}

describe('fillFromFiles', () => {
  it.each([
    ['hunter2', 'hunter2'],
    ['hunter2\n', 'hunter2'],
    ['hunter2\r\n', 'hunter2'],
    ['hunter2\n\n', 'hunter2\n'],
    [' hunter2 ', ' hunter2 '],
  ])('takes %j without the line break at its end', (content, secret) => {
    expect(fillFromFiles({ KEY_FILE: file(content), PORT: '1' }, NAMES)).toEqual({
      environment: { KEY: secret, PORT: '1' },
      problems: [],
    });
  });

  it('leaves a secret that is given itself, and files that belong to no secret', () => {
    const given = { KEY: 'hunter2', PORT_FILE: '/nowhere' };
    expect(fillFromFiles(given, NAMES)).toEqual({ environment: given, problems: [] });
  });

  it('names every secret that is given twice, whose file is missing, no file or empty, and shows neither path nor secret', () => {
    const given = { KEY: 'hunter2', KEY_FILE: file('hunter2'), OTHER_FILE: join(folder, 'missing') };
    const twice = fillFromFiles(given, NAMES);
    expect(twice.problems).toEqual([
      'KEY, KEY_FILE: only one of the two may be set',
      'OTHER_FILE: cannot be read (ENOENT)',
    ]);
    expect(fillFromFiles({ KEY_FILE: folder }, NAMES).problems).toEqual(['KEY_FILE: cannot be read (EISDIR)']);
    expect(fillFromFiles({ KEY_FILE: file('\n') }, NAMES).problems).toEqual(['KEY_FILE: is empty']);
    expect(fillFromFiles(twice.environment, NAMES)).toEqual(twice);
  });
});

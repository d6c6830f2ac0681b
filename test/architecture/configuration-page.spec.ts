import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECRET_VARIABLES, variables } from '../../src/settings';
import { PROJECT } from './skeleton';

interface Row {
  readonly name: string;
  readonly isSecret: boolean;
  readonly fallback: string;
}

/** The rows of the tables before the heading that begins with what only commands read. */
function documented(): readonly Row[] {
  const page = readFileSync(join(PROJECT, 'docs/configuration.md'), 'utf8').split('## Of commands alone')[0] ?? '';
  const rows = page.matchAll(/^\| `([A-Z_]+)` *\| *(🔒?) *\| *(.*?) *\|/gmu);
  return [...rows].map(([, name = '', lock, fallback = '']) => ({ name, isSecret: lock === '🔒', fallback }));
}

describe('docs/configuration.md', () => {
  it('has every variable that the service reads, once', () => {
    const names = documented().map(({ name }) => name);
    expect(names.sort()).toEqual(Object.keys(variables.shape).sort());
  });

  it('marks the secrets', () => {
    const marked = documented().filter(({ isSecret }) => isSecret);
    expect(marked.map(({ name }) => name).sort()).toEqual([...SECRET_VARIABLES].sort());
  });

  it('shows the true defaults', () => {
    const defaults = Object.entries(variables.parse({})).filter(([, value]) => value !== undefined);
    const shown = new Map(documented().map(({ name, fallback }) => [name, fallback]));
    for (const [name, value] of defaults)
      expect([name, shown.get(name)]).toEqual([name, `\`${JSON.stringify(value).replaceAll('"', '')}\``]);
  });
});

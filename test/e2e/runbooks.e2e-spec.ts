import { readdirSync } from 'node:fs';
import { variables } from '../../src/settings';
import { documentedMetrics, exists, read } from '../support/operations-files';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const FOLDER = 'docs/runbooks';
const PAGES = readdirSync(`${__dirname}/../../${FOLDER}`).map((name) => `${FOLDER}/${name}`);

/** What operators set for themselves, and what the pages tell them to. */
const OF_THE_SHELL = ['RINGONCE', 'TOKEN', 'PROVIDER'];

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
const { paths } = JSON.parse(read('openapi.json')) as Description;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const statementsOf = (page: string) =>
  [...read(page).matchAll(/```sql\n(.*?);\n```/gs)].map(([, statement = '']) => statement);

/** What psql makes of a variable. */
const filledIn = (statement: string) =>
  statement.replaceAll(":'number'", `'+12025550123'`).replace(/:'\w+'/g, `'${crypto.randomUUID()}'`);

describe.each(PAGES)('%s', (page) => {
  const text = read(page);

  it('asks the database only what it can answer, and changes nothing', async () => {
    for (const statement of statementsOf(page)) {
      expect(statement).toMatch(/^select /);
      expect(statement).not.toMatch(/;|\bfor (update|share)\b/);
      await database.query(filledIn(statement));
    }
  });

  it('names routes, commands, variables and metrics that there are', () => {
    for (const [, method = '', path = ''] of text.matchAll(/\b(GET|POST|PUT|PATCH|DELETE) (\/v1\/[\w/:-]+)/g)) {
      const template = path.replace(/:(\w+)/g, '{$1}');
      expect([method, template, method.toLowerCase() in (paths[template] ?? {})]).toEqual([method, template, true]);
    }
    for (const [, script = ''] of text.matchAll(/npm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(script);
    const known = [...Object.keys(variables.shape), ...OF_THE_SHELL];
    for (const [, name] of text.matchAll(/`([A-Z][A-Z_]{4,})`/g)) expect(known).toContain(name);
    const metrics = documentedMetrics().map(({ name }) => name);
    for (const [name] of text.matchAll(/\bringonce_\w+/g))
      expect(metrics).toContain(name.replace(/_(count|sum|bucket)$/, ''));
  });

  it('leads to pages that there are, and says when it is over', () => {
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g))
      expect([target, exists(`${FOLDER}/${target}`)]).toEqual([target, true]);
    if (!page.endsWith('README.md')) expect(text).toContain('**Over** when');
  });
});

it('has every page in its list, and in each query a reason to be there', () => {
  const listed = [...read(`${FOLDER}/README.md`).matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, name = '']) => name);
  expect([...new Set(listed), 'README.md'].sort()).toEqual(PAGES.map((page) => page.slice(FOLDER.length + 1)).sort());
  expect(PAGES.flatMap(statementsOf).length).toBeGreaterThan(20);
});

import { readFileSync } from 'node:fs';
import { openApiText } from '../../scripts/openapi-text';

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
  readonly security?: readonly object[];
  readonly summary?: string;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

let text: string;
let document: Document;
let operations: readonly (readonly [name: string, operation: Operation])[];

beforeAll(async () => {
  text = await openApiText();
  document = JSON.parse(text) as Document;
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  );
});

const lacking = (isFine: (operation: Operation, name: string) => boolean) =>
  operations.filter(([name, operation]) => !isFine(operation, name)).map(([name]) => name);

describe('openapi.json', () => {
  it('is what the code says; `npm run openapi` renews it', () => {
    expect(readFileSync('openapi.json', 'utf8')).toBe(text);
  });

  it('tells of every route what it does', () => {
    expect(lacking(({ summary }) => Boolean(summary))).toEqual([]);
  });

  it('tells of every route how it succeeds, and with what body', () => {
    const bodyless = ['204'];
    const succeeds = ({ responses }: Operation): boolean => {
      const successes = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      return successes.length > 0 && successes.every(([status, { content }]) => bodyless.includes(status) || content);
    };
    expect(lacking(succeeds)).toEqual([]);
  });

  it('describes every error as a problem', () => {
    const problems = ({ responses }: Operation, name: string): boolean =>
      Object.entries(responses)
        .filter(([status]) => Number(status) >= 400 && name !== 'GET /health/ready')
        .every(([, { content }]) => content?.['application/problem+json']);
    expect(lacking(problems)).toEqual([]);
  });

  it('asks for a token everywhere but on public routes', () => {
    const open = operations.filter(([, { security }]) => security?.length === 0).map(([name]) => name);
    for (const name of open) expect(name).toMatch(/ (\/health\/|\/metrics$|\/v1\/webhooks\/|\/v1\/plans|\/pay)/);
  });

  it('refers to nothing that is not there', () => {
    const references = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(references.filter((name) => !(name in document.components.schemas))).toEqual([]);
  });
});

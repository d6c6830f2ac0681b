import { readFileSync } from 'node:fs';
import { openApiText } from '../../scripts/openapi-text';

type Content = Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>;

interface Schema {
  readonly $ref?: string;
  readonly example?: unknown;
  readonly examples?: unknown;
}

interface Operation {
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly security?: readonly object[];
  readonly summary?: string;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
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

  it('gives an example of every JSON body that goes in or comes out', () => {
    const hasExample = (content: Content | undefined): boolean => {
      const json = content?.['application/json'];
      if (!json) return true;
      const schema = document.components.schemas[json.schema?.$ref?.split('/').pop() ?? ''] ?? json.schema;
      return [json.example, schema?.example, schema?.examples].some((example) => example !== undefined);
    };
    const shows = ({ requestBody, responses }: Operation): boolean =>
      [requestBody, ...Object.values(responses)].every((part) => hasExample(part?.content));
    expect(lacking(shows)).toEqual([]);
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
    for (const name of open)
      expect(name).toMatch(/ (\/health\/|\/metrics$|\/v1\/webhooks\/|\/v1\/plans|\/v1\/payments\/)/);
  });

  it('refers to nothing that is not there', () => {
    const references = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(references.filter((name) => !(name in document.components.schemas))).toEqual([]);
  });
});

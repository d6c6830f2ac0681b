import { startVapiSandbox, type VapiSandbox } from '../../sandbox/vapi/vapi-sandbox';
import { type Service, startService } from '../support/service';

jest.setTimeout(60_000);

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}
type Schema = Readonly<Record<string, unknown>> & { readonly $ref?: string };

const EXAMPLE_PROVIDER = '9a3c1e1d-5b7f-4c39-8b0e-61f3b5a7d201';
const JSON_TYPE = 'application/json';

let service: Service;
let sandbox: VapiSandbox;
let token: string;
let schemas: Readonly<Record<string, Schema>>;
let operations: (readonly [method: string, path: string, operation: Operation])[];

beforeAll(async () => {
  sandbox = await startVapiSandbox({ apiKey: 'your-key' });
  service = await startService();
  token = await service.token({ userId: await service.database.createUser(), admin: true });
  const { paths, components } = (await service.request('GET', '/openapi.json')).body;
  schemas = components.schemas;
  operations = Object.entries<Record<string, Operation>>(paths).flatMap(([path, item]) =>
    path.startsWith('/v1/admin/')
      ? Object.entries(item).map(([method, operation]) => [method.toUpperCase(), path, operation] as const)
      : [],
  );
});
afterAll(async () => {
  await service.stop();
  await sandbox.stop();
});

const exampleOf = (schema: Schema | undefined): unknown =>
  schemas[schema?.$ref?.split('/').at(-1) ?? '']?.['example'] ?? schema?.['example'];

const bodyOf = (wanted: string): Record<string, unknown> => {
  const found = operations.find(([method, path]) => `${method} ${path}` === wanted);
  return exampleOf(found?.[2].requestBody?.content[JSON_TYPE]?.schema) as Record<string, unknown>;
};

describe('the examples of administration', () => {
  it('are there for every body that is sent and every answer that has one', () => {
    const bare = operations.flatMap(([method, path, { requestBody, responses }]) => {
      const answers = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      const bodies = [requestBody?.content, ...answers.map(([, { content }]) => content)];
      const lacks = bodies.some((content) => content && exampleOf(content[JSON_TYPE]?.schema) === undefined);
      return lacks ? [`${method} ${path}`] : [];
    });
    expect(operations.length).toBeGreaterThan(20);
    expect(bare).toEqual([]);
  });

  it('work as they are, but for the id of one’s own provider', async () => {
    const provider = await send('POST /v1/admin/providers');
    // The account of the example is at the vendor itself: from here on it is at a stand-in.
    await service.request('PATCH', `/v1/admin/providers/${provider.id}`, { token, body: { baseUrl: sandbox.url } });
    await send('PATCH /v1/admin/providers/{id}', provider.id);
    expect(await send('POST /v1/admin/providers/{id}/verify', provider.id)).toMatchObject({ ok: true });
    await send('POST /v1/admin/providers/{id}/import', provider.id);
    expect(await send('POST /v1/admin/providers/{id}/pause', provider.id)).toMatchObject({
      suspension: { reason: expect.any(String) },
    });
    expect(await send('POST /v1/admin/providers/{id}/resume', provider.id)).toMatchObject({ suspension: null });
    for (const path of ['/v1/admin/phone-numbers', '/v1/admin/assistants']) {
      const { id } = await send(`POST ${path}`, undefined, { providerId: provider.id });
      await send(`PATCH ${path}/{id}`, id);
      await send(`DELETE ${path}/{id}`, id);
    }
  });

  it('name one and the same provider', () => {
    for (const path of ['/v1/admin/phone-numbers', '/v1/admin/assistants'])
      expect(bodyOf(`POST ${path}`)['providerId']).toBe(EXAMPLE_PROVIDER);
  });

  async function send(operation: string, id = '', changes: object = {}): Promise<{ id: string }> {
    const [method = '', path = ''] = operation.split(' ');
    const example = bodyOf(operation) as object | undefined;
    const body = example && { body: { ...example, ...changes } };
    const answer = await service.request(method, path.replace('{id}', id), { token, ...body });
    if (answer.status >= 300) throw new Error(`${operation}: ${JSON.stringify(answer.body)}`);
    return answer.body as { id: string };
  }
});

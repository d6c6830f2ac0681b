import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_ASSISTANTS, DEFAULT_PHONE_NUMBERS } from './defaults';
import { startVapiSandbox, type VapiSandbox } from './vapi-sandbox';

const NUMBER = '+12025550147';
type Json = Record<string, string>;

let folder: string;
let sandbox: VapiSandbox | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
});
afterEach(async () => {
  await sandbox?.stop();
  await rm(folder, { recursive: true });
});

async function restart(): Promise<VapiSandbox> {
  await sandbox?.stop();
  const script = () => ({ durationSeconds: 42, endedReason: 'customer-ended-call' });
  sandbox = await startVapiSandbox({ apiKey: 'key', journal: join(folder, 'calls.jsonl'), script });
  return sandbox;
}

async function send(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }> {
  const response = await fetch(`${sandbox?.url ?? ''}${path}`, {
    method,
    headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Json };
}

const place = () =>
  send('POST', '/call', {
    assistantId: DEFAULT_ASSISTANTS[0]?.id,
    phoneNumberId: DEFAULT_PHONE_NUMBERS[0]?.id,
    customer: { number: NUMBER, numberE164CheckEnabled: true },
    name: 'attempt-1',
  });

describe('a journal', () => {
  it('lets calls go on and end while the stand-in is away', async () => {
    await restart();
    const { id = '' } = (await place()).body;
    expect((await send('GET', `/call/${id}`)).body).toMatchObject({ status: 'queued' });
    await restart();
    const { body } = await send('GET', `/call/${id}`);
    expect(body).toMatchObject({ status: 'ended', endedReason: 'customer-ended-call', name: 'attempt-1' });
    expect(Date.parse(body['endedAt'] ?? '') - Date.parse(body['startedAt'] ?? '')).toBe(42_000);
    expect((await send('GET', '/call')).body).toHaveLength(1);
  });

  it('counts no dial for them a second time', async () => {
    await restart();
    await place();
    expect((await restart()).dialsTo(NUMBER)).toBe(0);
  });

  it('survives a line that was cut off', async () => {
    await restart();
    const { id = '' } = (await place()).body;
    await appendFile(join(folder, 'calls.jsonl'), '{"id": "half');
    await restart();
    expect((await send('GET', `/call/${id}`)).status).toBe(200);
  });

  it('ends with a reset', async () => {
    const first = await restart();
    const { id = '' } = (await place()).body;
    first.reset();
    await restart();
    expect((await send('GET', `/call/${id}`)).status).toBe(404);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../support/wait-for';

/** From the build that `npm test` makes first. */
const DEMO = 'dist/scripts/demo.js';
const RUN_TIMEOUT_MS = 180_000;

let dataDirectory: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  dataDirectory = await mkdtemp(join(await realpath(tmpdir()), 'demo-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(dataDirectory, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly code: Promise<number | null>;
}

function demo(...parameters: readonly string[]): Run {
  // A vendor's key in the surroundings must not reach the service.
  const env = { DATA_DIR: dataDirectory, SANDBOX_SPEED: '40', VAPI_API_KEY: 'a-real-key', NODE_ENV: 'production' };
  const child = spawn('/usr/bin/env', [...assignments(env), process.execPath, DEMO, ...parameters]);
  children.push(child);
  let said = '';
  const listen = (chunk: Buffer): void => void (said += chunk.toString());
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  return { child, said: () => said, code: once(child, 'close').then(([code]) => code as number | null) };
}

const assignments = (env: Readonly<Record<string, string>>): string[] =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`);

describe('the demo', () => {
  it(
    'shows every call move, proves that each rang once, and goes on after it was stopped in the middle',
    async () => {
      const stopped = demo();
      await waitFor(() => /done [1-9]/.test(stopped.said()), 'the first call ends', RUN_TIMEOUT_MS);
      stopped.child.kill('SIGINT');
      expect(await stopped.code).toBe(130);

      const { said, code } = demo('--once');
      expect([await code, said()]).toEqual([0, expect.stringContaining('of an earlier run')]);
      for (const line of [
        '25 calls are queued in one batch',
        'in progress 10 of 10',
        'done 25 of 25',
        'Transcript:',
        'this is the front desk. I am calling about your appointment on',
        'each of the 25 numbers was dialed exactly once',
        'never more than 10 calls at once; the provider allows 10',
        'lines add up to the usage above',
        'calls     used  25   reserved 0   remaining 25',
        '/docs',
        'npm run --silent token',
      ]) {
        expect(said()).toContain(line);
      }
      expect(said()).not.toMatch(/in progress 1[1-9] of|\u001b/);
    },
    2 * RUN_TIMEOUT_MS,
  );

  it('says why it cannot start, and exits 1', async () => {
    const { said, code } = demo('--twice');
    expect(await code).toBe(1);
    expect(said()).toContain("Unknown option '--twice'");
  });
});

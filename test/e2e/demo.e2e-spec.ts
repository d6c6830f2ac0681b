import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { recordLocalSecrets } from '../support/local-secrets';
import { folderInRun, keepOutput, makeSecret } from '../support/run-record';
import { waitFor } from '../support/wait-for';

/** From the build that `npm test` makes first. */
const DEMO = 'dist/scripts/demo.js';
const RUN_TIMEOUT_MS = 180_000;

let dataDirectory: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  dataDirectory = await realpath(folderInRun('demo-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  // What local mode has made up may be nowhere else in its data directory, which the run searches at its end.
  await recordLocalSecrets(dataDirectory);
});

interface Run {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly code: Promise<number | null>;
}

function demo(...parameters: readonly string[]): Run {
  return demoIn(dataDirectory, ...parameters);
}

function demoIn(directory: string, ...parameters: readonly string[]): Run {
  // A vendor's key in the surroundings must not reach the service.
  const env = {
    DATA_DIR: directory,
    SANDBOX_SPEED: '40',
    VAPI_API_KEY: makeSecret('a-real-key'),
    STRIPE_SECRET_KEY: makeSecret('a-real-stripe-key'),
    NODE_ENV: 'production',
  };
  const child = spawn('/usr/bin/env', [...assignments(env), process.execPath, DEMO, ...parameters]);
  children.push(child);
  let said = '';
  const listen = (chunk: Buffer): void => {
    said += chunk.toString();
    keepOutput(chunk);
  };
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

  it(
    'has its user buy a plan on the payment page, and again in the next run',
    async () => {
      const directory = await realpath(folderInRun('demo-payments-'));
      const first = demoIn(directory, '--once');
      expect([await first.code, first.said()]).toEqual([0, expect.stringContaining('plan "Free": 50 calls')]);
      expect(paymentsIn(first.said())).toEqual([
        'Free      (GET /v1/usage)          50 calls, 100 minutes a month; left: 25 and 75',
        'Choose    (POST /v1/subscription)  http://127.0.0.1:PORT/v1/payments/local/checkouts/local_checkout_ID',
        "Pay       (the page's form)        29 USD a month",
        'Basic     (GET /v1/subscription)   500 calls, 1000 minutes a month; left: 500 and 1000',
        '✓ the plan and its limits follow the payment',
      ]);
      expect(first.said()).toMatch(
        /Pay, or not +http:\/\/127\.0\.0\.1:3000\/v1\/payments\/local\/portals\/local_portal_[\w-]{36}\n/,
      );

      const second = demoIn(directory, '--once');
      expect([await second.code, second.said()]).toEqual([0, expect.stringContaining('plan "Basic": 500 calls')]);
      expect(second.said()).toContain('calls     used  25   reserved 0   remaining 475');
      expect(paymentsIn(second.said())).toEqual([
        'Basic     (an earlier run)         is given up for free, and its period ends on the page',
        ...paymentsIn(first.said()),
      ]);
      await recordLocalSecrets(directory);
    },
    2 * RUN_TIMEOUT_MS,
  );

  it('says why it cannot start, and exits 1', async () => {
    const { said, code } = demo('--twice');
    expect(await code).toBe(1);
    expect(said()).toContain("Unknown option '--twice'");
  });
});

/** What the demo shows of the purchase, without what differs from run to run. */
function paymentsIn(said: string): string[] {
  const [, shown = ''] = /From free to basic.*\n((?: {2}.*\n)+)/.exec(said) ?? [];
  const same = shown.replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT').replace(/_[\w-]{36}\n/g, '_ID\n');
  return same
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
}

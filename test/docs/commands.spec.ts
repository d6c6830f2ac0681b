import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { variables } from '../../src/settings';
import { readProject } from '../architecture/conventions';
import { recordLocalSecrets } from '../support/local-secrets';
import { exists, read } from '../support/operations-files';
import { folderInRun, keepOutput } from '../support/run-record';
import { freePort } from '../support/service';
import { createTestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';
import { blocksOf, differences, masked, type Step, stepsOf } from './documented-blocks';

const GUIDE = 'docs/getting-started.md';
const START = 'SANDBOX_SPEED=8 npm start\n';
const PAGES = Object.keys(readProject()).filter((path) => path === 'README.md' || /^docs\/.*\.md$/.test(path));
const TIMEOUT_MS = 120_000;

/** What is not run here: how it begins, and why. */
const ELSEWHERE: readonly (readonly [page: string, begins: string, reason: string])[] = [
  ['README.md', 'npm ci\nnpm run demo', 'test/e2e/demo.e2e-spec.ts runs the demo'],
  ['README.md', 'npm test\n', 'is what runs this'],
  [GUIDE, 'npm ci', 'installs packages'],
  [GUIDE, START, 'is run before all others, and stays'],
  ['docs/deploying.md', 'docker compose up', 'needs Docker; scripts/prove-image.sh does what it does'],
  ['docs/deploying.md', 'TOKEN=$(docker compose', 'needs Docker'],
  ['docs/deploying.md', 'RINGONCE_PORT=3000-3009 docker', 'needs Docker'],
  ['docs/deploying.md', 'SUPABASE_URL=', 'is the content of a file'],
  ['docs/deploying.md', 'mkdir -m 700 secrets', 'needs a project at Supabase, and Docker'],
  ['docs/deploying.md', 'useradd', 'changes the machine'],
  ['docs/deploying.md', 'install -d', 'changes the machine'],
  ['docs/deploying.md', 'DATABASE_ADMIN_URL=', 'test/e2e/container-commands.e2e-spec.ts runs the command'],
  ['docs/deploying.md', 'install -m 644', 'needs systemd'],
  ['docs/logs.md', 'grep', 'test/observability/call-story.spec.ts runs it on the log of a call'],
  ['docs/runbooks/README.md', 'export RINGONCE=', 'has gaps to fill in'],
];

/** Commands that pages name in words: the test that runs each, or what it does instead of one. */
const COMMANDS: Readonly<Record<string, string>> = {
  architecture: 'test/architecture/rules.spec.ts',
  bench: 'test/bench/README.md',
  build: 'test/e2e/process.e2e-spec.ts',
  'credentials:rotate': 'test/e2e/credentials-rotation.e2e-spec.ts',
  'db:generate': 'test/database/migrations.spec.ts',
  'db:migrate': 'test/e2e/container-commands.e2e-spec.ts',
  'db:restored': 'test/e2e/db-restored.e2e-spec.ts',
  demo: 'test/e2e/demo.e2e-spec.ts',
  'ops:check': 'test/e2e/metrics-alerts.e2e-spec.ts',
  'stripe:retire-missing': 'test/e2e/payment-side-changes.e2e-spec.ts',
  'stripe:sync-plans': 'test/e2e/stripe-sync-plans.e2e-spec.ts',
  'test:fault': 'test/fault/instance-is-killed.spec.ts',
  token: 'test/docs/commands.spec.ts',
  types: 'tsconfig.json',
};

type Variables = Readonly<Record<string, string>>;

/** What is configured around the tests would reach the service otherwise. An empty value counts as unset. */
const NOTHING: Variables = Object.fromEntries(
  Object.keys(variables.shape).flatMap((name) => [
    [name, ''],
    [`${name}_FILE`, ''],
  ]),
);

const children: ChildProcess[] = [];
let own: { readonly DATA_DIR: string; readonly PORT: string };
let said = '';

/** @param given beside what the service of this file has */
function run(given: Variables, command: string, ...parameters: readonly string[]) {
  const assignments = Object.entries({ ...NOTHING, ...own, ...given }).map(([name, value]) => `${name}=${value}`);
  const child = spawn('/usr/bin/env', [...assignments, command, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return child;
}

beforeAll(async () => {
  own = { DATA_DIR: await realpath(folderInRun('docs-')), PORT: String(await freePort()) };
  const service = run({ SANDBOX_SPEED: '80' }, process.execPath, 'dist/src/main.js');
  for (const stream of [service.stdout, service.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      keepOutput(chunk);
    });
  }
  await waitFor(() => said.includes('Ringonce listens on'), 'the service listens', TIMEOUT_MS);
}, TIMEOUT_MS);

afterAll(async () => {
  for (const child of children) await ended(child);
  await recordLocalSecrets(own.DATA_DIR);
});

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** What a command of package.json does, without the build: the tests have made it before, and others are using it. */
const NPM = `npm() {
  shift; if [ "\${1:-}" = --silent ]; then shift; fi
  local name=\${1:?}; shift; if [ "\${1:-}" = -- ]; then shift; fi
  local command; command=$(node -p "require('./package.json').scripts['$name'].replace('npm run --silent build && ', '')")
  eval "$command \\"\\$@\\""
}`;
const MARK = '=== next block ===';

/** Runs the blocks one after the other in one shell, as a reader does. @returns what each has printed */
async function runAll(steps: readonly Step[], given: Variables = {}): Promise<readonly string[]> {
  const address = `127.0.0.1:${own.PORT}`;
  const blocks = steps.map(({ text }) => `${text.replaceAll('127.0.0.1:3000', address)}echo; echo '${MARK}'\n`);
  const shell = run(given, 'bash', '--norc', '-euo', 'pipefail', '-c', [NPM, ...blocks].join('\n'));
  let [printed, problems] = ['', ''];
  shell.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  shell.stderr.on('data', (chunk: Buffer) => (problems += chunk.toString()));
  const [code] = (await once(shell, 'close')) as [number | null];
  const outputs = printed.split(`${MARK}\n`);
  const last = steps[Math.min(outputs.length, steps.length) - 1];
  if (code !== 0)
    throw new Error(
      `${last?.page ?? ''}:${String(last?.line)} ends with ${String(code)}\n${problems}\n${outputs.at(-1) ?? ''}`,
    );
  return outputs;
}

/** What of the shown answer the true one lacks. */
function missing({ shown }: Step, output: string): readonly string[] {
  if (!shown) return /"status":[45]\d\d,/.test(output) ? [output] : [];
  if (shown.language === 'json') {
    const answer = output.trim().split('\n').at(-1) ?? '';
    return differences(JSON.parse(shown.text), JSON.parse(answer));
  }
  const lines = shown.text.split('\n').filter(Boolean);
  return lines.filter((line) => !masked(output).includes(masked(line)));
}

function problemsOf(steps: readonly Step[], outputs: readonly string[]): readonly string[] {
  return steps.flatMap((step, index) =>
    missing(step, outputs[index] ?? '').map((problem) => `${step.page}:${String(step.line)}: ${problem}`),
  );
}

const isElsewhere = ({ page, text }: Step): boolean =>
  ELSEWHERE.some(([elsewhere, begins]) => page === elsewhere && text.startsWith(begins));

const stepsHere = (page: string): readonly Step[] => stepsOf(page).filter((step) => !isElsewhere(step));

it('names only blocks that there are as run elsewhere', () => {
  const steps = PAGES.flatMap(stepsOf);
  const stale = ELSEWHERE.filter(
    ([page, begins]) => !steps.some((step) => step.page === page && step.text.startsWith(begins)),
  );
  expect(stale).toEqual([]);
});

it('names only commands that a test runs', () => {
  const named = PAGES.flatMap((page) => [...read(page).matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)]);
  const names = [...new Set(named.map(([, name = '']) => name))];
  expect(names.sort()).toEqual(Object.keys(COMMANDS).sort());
  expect(Object.values(COMMANDS).filter((file) => !exists(file))).toEqual([]);
});

it(
  `${GUIDE} shows what a reader sees`,
  async () => {
    const started = stepsOf(GUIDE).find(({ text }) => text === START);
    expect(started && missing(started, said)).toEqual([]);
    const steps = stepsHere(GUIDE);
    expect(steps.length).toBeGreaterThan(10);
    expect(problemsOf(steps, await runAll(steps))).toEqual([]);
  },
  TIMEOUT_MS,
);

it(
  'what other pages say for a shell does what they say',
  async () => {
    const [TOKEN = '', USER_TOKEN = ''] = (await runAll(tokens)).map((token) => token.trim());
    const RINGONCE = `http://127.0.0.1:${own.PORT}`;
    const answer = await fetch(`${RINGONCE}/v1/admin/providers`, { headers: { authorization: `Bearer ${TOKEN}` } });
    const { items } = (await answer.json()) as { items: readonly { readonly id: string }[] };
    for (const page of PAGES.filter((each) => each !== GUIDE)) {
      const steps = stepsHere(page);
      if (steps.length === 0) continue;
      const outputs = await runAll(steps, {
        TOKEN,
        USER_TOKEN,
        RINGONCE,
        PROVIDER: items[0]?.id ?? '',
        USER_ID: crypto.randomUUID(),
      });
      expect(problemsOf(steps, outputs)).toEqual([]);
    }
  },
  TIMEOUT_MS,
);

/** Made as the guide does. */
const tokens: readonly Step[] = ['--user demo --admin', '--user demo'].map((wish) => ({
  page: 'tokens',
  line: 1,
  language: 'sh',
  text: `npm run --silent token -- ${wish}\n`,
  shown: undefined,
}));

it('what pages say for the database is understood there', async () => {
  const database = await createTestDatabase();
  try {
    // What only reads is run by test/e2e/runbooks.e2e-spec.ts as well, page by page.
    for (const { page, line, language, text } of PAGES.flatMap(blocksOf)) {
      if (language !== 'sql') continue;
      const statement = text.replaceAll(":'number'", `'+12025550123'`).replace(/:'\w+'/g, `'${crypto.randomUUID()}'`);
      const run = database.query(`begin; ${statement}; rollback`);
      await expect(
        run.then(
          () => 'understood',
          (error: unknown) => `${page}:${String(line)}: ${String(error)}`,
        ),
      ).resolves.toBe('understood');
    }
  } finally {
    await database.drop();
  }
});

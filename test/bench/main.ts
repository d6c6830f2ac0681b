import { readFileSync } from 'node:fs';
import { cpus, totalmem, release } from 'node:os';
import { parseArgs } from 'node:util';
import { BenchServer } from './bench-server';
import type { BenchForm, Question } from './question';
import { QUESTIONS } from './questions';
import { type Chapter, toTable } from './table';

const ITERATIONS = { full: 5, quick: 1 };
const BYTES_PER_GB = 1024 ** 3;

interface Options {
  readonly questions: readonly Question[];
  readonly iterations: number;
  readonly isQuick: boolean;
  readonly isJson: boolean;
  readonly seed: number;
}

async function main(): Promise<void> {
  const options = readOptions();
  const server = await BenchServer.start();
  endOnSignals(server);
  try {
    await run(options, server);
  } finally {
    await server.stop();
  }
}

/** A question that cannot be answered fails the run, after the others; a goal that is missed does not. */
async function run({ questions, isJson, ...options }: Options, server: BenchServer): Promise<void> {
  const chapters: Chapter[] = [];
  const failures: string[] = [];
  for (const { name, asks, answer } of questions) {
    const say: BenchForm['say'] = (progress) => process.stderr.write(`${name}: ${progress}\n`);
    try {
      chapters.push({ name, asks, answer: await answer({ ...options, server, say }) });
    } catch (error) {
      failures.push(name);
      say(`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  const machine = await describeMachine(server);
  const text = isJson
    ? JSON.stringify({ machine, ...options, failures, chapters }, null, 2)
    : toText(machine, chapters);
  process.stdout.write(`${text}\n`);
  if (failures.length > 0) {
    process.stderr.write(`Not answered: ${failures.join(', ')}\n`);
    process.exitCode = 1;
  }
}

function toText(machine: readonly string[], chapters: readonly Chapter[]): string {
  return `${toTable(chapters)}\n${machine.join('\n')}\nMedians, with the least and the most; compare ratios, not figures of different machines.`;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      iterations: { type: 'string' },
      only: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  });
  const wanted = values.only?.split(',');
  const unknown = wanted?.filter((name) => !QUESTIONS.some((question) => question.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(`No question ${unknown.join(', ')}: there are ${QUESTIONS.map(({ name }) => name).join(', ')}`);
  return {
    questions: QUESTIONS.filter(({ name }) => wanted?.includes(name) ?? true),
    iterations: Number(values.iterations ?? (values.quick ? ITERATIONS.quick : ITERATIONS.full)),
    isQuick: values.quick,
    isJson: values.json,
    seed: Number(values.seed),
  };
}

async function describeMachine(server: BenchServer): Promise<readonly string[]> {
  const [processor] = cpus();
  const memory = Math.round(totalmem() / BYTES_PER_GB);
  return [
    `${String(cpus().length)} × ${processor?.model ?? 'unknown'}, ${String(memory)} GB, ${process.platform} ${release()}`,
    `Node ${process.version}, ${await server.version()}, graphile-worker ${versionOf('graphile-worker')}, pg-boss ${versionOf('pg-boss')}`,
  ];
}

function versionOf(name: string): string {
  const path = require.resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

function endOnSignals(server: BenchServer): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void server.stop().finally(() => process.exit(1)));
}

main()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  })
  // What a question that failed has left running must not keep the bench from ending.
  .finally(() => process.stdout.write('', () => process.exit()));

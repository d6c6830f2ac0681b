import { parseArgs } from 'node:util';
import { freePort } from './demo/free-port';
import { showNextSteps } from './demo/next-steps';
import { runShow } from './demo/run-show';
import { Screen } from './demo/screen';
import { ServiceProcess } from './demo/service-process';
import { meet } from './demo/world';
import { DEFAULT_DATA_DIRECTORY } from '../src/local/prepare-local-mode';

/** A call of a minute takes seven seconds: long enough to watch, short enough to wait for. */
const DEFAULT_SPEED = 8;
/** Where the service listens when nothing else is configured. */
const DEFAULT_PORT = 3000;
const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** As shells report a program that was interrupted. */
const EXIT_INTERRUPTED = 130;

interface Plan {
  readonly isOnce: boolean;
  readonly dataDirectory: string;
  readonly port: number;
  readonly speed: number;
}

async function main(): Promise<void> {
  const stopping = new AbortController();
  // A terminal and npm both pass Ctrl+C on: however often it comes, it means one orderly stop.
  for (const signal of SIGNALS) process.on(signal, () => stopping.abort());
  process.stdout.on('error', () => stopping.abort());
  const screen = new Screen(process.stdout, process.env);
  try {
    process.exitCode = await demonstrate(await readPlan(), screen, stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) {
      fail(error);
      return;
    }
    screen.line('\nStopped. What was queued stays queued, and goes on at the next start.');
    process.exitCode = EXIT_INTERRUPTED;
  }
}

async function readPlan(): Promise<Plan> {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
  return {
    isOnce: values.once,
    dataDirectory: process.env['DATA_DIR'] || DEFAULT_DATA_DIRECTORY,
    port: Number(process.env['PORT']) || (await freePort(DEFAULT_PORT)),
    speed: Number(process.env['SANDBOX_SPEED']) || DEFAULT_SPEED,
  };
}

/** @returns the exit code */
async function demonstrate(
  { isOnce, dataDirectory, port, speed }: Plan,
  screen: Screen,
  stopped: AbortSignal,
): Promise<number> {
  screen.line(screen.paint('bold', 'Ringonce: the service, a PostgreSQL and a stand-in for Vapi, all on this machine'));
  screen.line('  Starting    (the first time, the database is created)');
  const service = new ServiceProcess({ dataDirectory, port, speed }, (line) => screen.line(`  ${line}`));
  try {
    await service.untilReady(stopped);
    screen.line(`  Service     ${service.url} (log: ${service.logFile})`);
    const world = await meet(service, dataDirectory, stopped);
    const show = await runShow(world, screen, speed);
    showNextSteps(screen, { url: isOnce ? DEFAULT_URL : service.url, dataDirectory, isServing: !isOnce }, show);
    if (!isOnce) await serve(service, screen, stopped);
    return show.problems.length === 0 ? 0 : 1;
  } finally {
    await service.stop();
  }
}

async function serve(service: ServiceProcess, screen: Screen, stopped: AbortSignal): Promise<void> {
  screen.section(`Ringonce keeps serving on ${service.url}. Ctrl+C stops it.`);
  const interrupted = new Promise((resolve) => {
    stopped.addEventListener('abort', resolve);
  });
  await Promise.race([interrupted, service.ended]);
  if (!stopped.aborted) throw new Error(`The service has ended by itself, see ${service.logFile}`);
  screen.line();
  screen.line('Stopping.');
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

void main();

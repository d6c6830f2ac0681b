import 'reflect-metadata';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { createApplication } from './application';
import { endWithParent, signUpForParent } from './local/parent-process';
import { pointToStandIn } from './local/point-to-stand-in';
import { type LocalMode, prepareLocalMode } from './local/prepare-local-mode';
import { DataDirectoryInUse } from './local/previous-server';
import { InvalidSettings, isLocalMode, readSettings, type Settings, withoutEmpty, withSecretFiles } from './settings';
import { awaitDatabase, contactDatabase, DatabaseRefuses } from './shared/database/first-contact';
import { describeFailure } from './shared/observability/describe-failure';
import { type LogLevel, ServiceLogger } from './shared/observability/logger';
import { printable, redact } from './shared/observability/redact';
import { startTracing } from './shared/observability/tracing';

/** sysexits.h: something was found in an unconfigured or misconfigured state. */
const EXIT_CONFIGURATION = 78;
/** What closing may take beyond the longest wait of any part: all of them begin to wait with the signal. */
const CLOSING_MARGIN_MS = 5_000;
/** The stand-in's calls, which a vendor would not forget when the service ends. */
const STAND_IN_JOURNAL = 'vapi-calls.jsonl';

type Environment = NodeJS.ProcessEnv;
type Cleanup = () => Promise<void>;

/** Undoes what was started, the last first. */
class Started {
  private readonly cleanups: Cleanup[] = [];

  add(cleanup: Cleanup): void {
    this.cleanups.unshift(cleanup);
  }

  async stop(): Promise<void> {
    for (const cleanup of this.cleanups.splice(0)) await cleanup();
  }
}

async function main(): Promise<void> {
  outliveItsReaders();
  tellWhatNobodyCatches();
  const started = new Started();
  const stopping = stopOnSignals(started);
  try {
    const settings = await prepare(withSecretFiles(process.env), started);
    const { dispatch, http } = settings;
    stopping.deadlineMs = Math.max(dispatch.shutdownTimeoutMs, http.shutdownDelayMs) + CLOSING_MARGIN_MS;
    Logger.overrideLogger(new ServiceLogger(settings.logLevel));
    const tracing = await startTracing(withoutEmpty(process.env));
    if (tracing) started.add(() => tracing.stop());
    const absence = await contactDatabase(settings.database.url);
    const app = await createApplication(settings);
    started.add(() => app.close());
    await app.listen(settings.http.port, settings.http.host);
    announce(await app.getUrl(), settings);
    if (absence !== undefined) await waitForDatabase(settings, started);
  } catch (error) {
    if (stopping.isStopping) return;
    complain(explain(error));
    await started.stop().catch(() => undefined);
    process.exit(isMisconfigured(error) ? EXIT_CONFIGURATION : 1);
  }
}

/** Nobody has to read the log: a pipe without a reader, or a full disk, costs lines and ends nothing. */
function outliveItsReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

/** Node.js would print errors in many lines, with everything that hangs on them: what was written to the database, too. */
function tellWhatNobodyCatches(): void {
  Logger.overrideLogger(new ServiceLogger('info'));
  process.on('uncaughtException', (error: unknown) => {
    complain(explain(error));
    process.exit(1);
  });
  const logger = new Logger('Node');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    logger.warn(warning);
  });
}

/** The service listens meanwhile: alive, and not ready. */
async function waitForDatabase({ database }: Settings, started: Started): Promise<void> {
  const stopping = new AbortController();
  const logger = new Logger('Database');
  started.add(async () => {
    stopping.abort();
    await Promise.resolve();
  });
  await awaitDatabase(database.url, { signal: stopping.signal, say: (line) => logger.warn(line) });
}

async function prepare(environment: Environment, started: Started): Promise<Settings> {
  if (!isLocalMode(environment)) return readSettings(environment);
  endWithParent();
  const local = await prepareLocalMode(environment);
  started.add(() => local.stop());
  signUpForParent(local.environment.DATABASE_URL ?? '');
  return readSettings(await withVendor(local, started), true);
}

/** Without a vendor's key, calls go to a stand-in that speaks the vendor's protocol on loopback. */
async function withVendor(
  { environment, dataDirectory, vapiSandboxKey }: LocalMode,
  started: Started,
): Promise<Environment> {
  if (environment.VAPI_API_KEY || environment.RETELL_API_KEY) return environment;
  const { VapiSandbox } = await import('../sandbox/vapi/vapi-sandbox.js');
  const sandbox = await new VapiSandbox({
    apiKey: vapiSandboxKey,
    // What is malformed ends the start in a moment: all settings are checked together.
    speed: Number(environment.SANDBOX_SPEED) || 1,
    journal: join(dataDirectory, STAND_IN_JOURNAL),
  }).start();
  started.add(() => sandbox.stop());
  await pointToStandIn(environment.DATABASE_URL ?? '', sandbox.url);
  return { ...environment, VAPI_API_KEY: vapiSandboxKey, VAPI_BASE_URL: sandbox.url };
}

/** The first signal stops in order, a second one at once, and so does an end that takes too long. */
function stopOnSignals(started: Started): { isStopping: boolean; deadlineMs: number } {
  const state = { isStopping: false, deadlineMs: CLOSING_MARGIN_MS };
  const stop = (code: number): void => {
    if (state.isStopping) process.exit(code);
    state.isStopping = true;
    setTimeout(() => {
      complain('Stopping takes too long: leaving without it.');
      process.exit(1);
    }, state.deadlineMs).unref();
    started.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        complain(explain(error));
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => {
    stop(143);
  });
  process.on('SIGINT', () => {
    stop(130);
  });
  return state;
}

/** Whatever LOG_LEVEL says, and in the shape of the other lines: readable in a terminal, JSON outside of one. */
function announce(url: string, { isLocalMode: isLocal }: Settings): void {
  const message = `Ringonce listens on ${url}${isLocal ? ' (local mode; a token: npm run token -- --user demo)' : ''}`;
  process.stdout.write(`${lineOf('info', message, { url })}\n`);
}

/** What ends the process: nothing that logs may be there yet. */
function complain(message: string): void {
  process.stderr.write(`${lineOf('fatal', message)}\n`);
}

function lineOf(level: LogLevel, message: string, fields: Readonly<Record<string, string>> = {}): string {
  if (process.stdout.isTTY) return printable(message);
  const text = redact(message);
  return JSON.stringify({ timestamp: new Date().toISOString(), level, pid: process.pid, message: text, ...fields });
}

function isMisconfigured(error: unknown): error is Error {
  return error instanceof InvalidSettings || error instanceof DatabaseRefuses;
}

function explain(error: unknown): string {
  if (isMisconfigured(error) || error instanceof DataDirectoryInUse) return error.message;
  const { code, port, address } = Object(error) as NodeJS.ErrnoException & { port?: number; address?: string };
  if (code === 'EADDRINUSE') {
    return `Port ${String(port)} on ${String(address)} is in use. Choose another one with PORT, or stop what listens there.`;
  }
  return describeFailure(error);
}

void main();

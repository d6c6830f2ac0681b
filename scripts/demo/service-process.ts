import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SignUpAnswer, SignUpRequest } from '../../src/local/parent-process';
import { variables } from '../../src/settings';

const MAIN = join(__dirname, '..', '..', 'src', 'main.js');
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;
const POLL_MS = 200;

export interface ServiceOptions {
  readonly dataDirectory: string;
  readonly port: number;
  /** How much faster than real the stand-in's calls pass. */
  readonly speed: number;
}

/** The service in local mode: a process of its own, which ends with this one however this one ends. */
export class ServiceProcess {
  readonly url: string;
  readonly logFile: string;
  /** When the process ends. */
  readonly ended: Promise<unknown>;
  private readonly child: ChildProcess;

  /** @param say hears what the service wants people at the terminal to know */
  constructor(
    { dataDirectory, port, speed }: ServiceOptions,
    private readonly say: (line: string) => void,
  ) {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
    this.url = `http://127.0.0.1:${port}`;
    this.logFile = join(dataDirectory, 'demo.log');
    const log = openSync(this.logFile, 'w', 0o600);
    this.child = fork(MAIN, [], {
      env: environment({ DATA_DIR: dataDirectory, PORT: String(port), SANDBOX_SPEED: String(speed) }),
      execArgv: ['--enable-source-maps'],
      // Ctrl+C in a terminal reaches everything in front of it; the service is told to stop in its turn.
      detached: true,
      stdio: ['ignore', log, 'pipe', 'ipc'],
    });
    this.child.stderr?.pipe(createWriteStream('', { fd: log, autoClose: true }));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.listen(text));
    this.ended = once(this.child, 'close');
  }

  /** @throws an Error when the service ends before it is ready; it has said why by then */
  async untilReady(stopped: AbortSignal): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (!(await this.isReady(stopped))) {
      if (this.hasEnded()) throw new Error(`The service did not start; more may be in ${this.logFile}`);
      if (Date.now() > deadline) throw new Error(`The service is not ready, see ${this.logFile}`);
      await delay(POLL_MS, undefined, { signal: stopped });
    }
  }

  /** A new user, as Supabase would sign one up. @returns the id */
  async signUp(): Promise<string> {
    const id = randomUUID();
    const request: SignUpRequest = { signUp: { id, email: `demo-${id.slice(0, 8)}@ringonce.local` } };
    const answered = once(this.child, 'message');
    this.child.send(request);
    const [answer] = (await answered) as [SignUpAnswer];
    if ('problem' in answer) throw new Error(`No user could be signed up: ${answer.problem}`);
    return answer.signedUp;
  }

  /** In order; what takes too long is killed, and the database ends with it. */
  async stop(): Promise<void> {
    if (!this.hasEnded()) this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.ended;
    clearTimeout(timer);
  }

  hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async isReady(stopped: AbortSignal): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/health/ready`, { signal: stopped });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }

  /** Logs are JSON; what is not is meant for people. */
  private listen(text: string): void {
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
    for (const line of lines) this.say(line);
  }
}

/** Local mode whatever the surroundings configure: with a real vendor's key the demo would ring real phones. */
function environment(own: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const configured = new Set(Object.keys(variables.shape).flatMap((name) => [name, `${name}_FILE`]));
  const rest = Object.fromEntries(Object.entries(process.env).filter(([name]) => !configured.has(name)));
  return {
    ...rest,
    ...own,
    // A run that was cut short leaves calls whose end nobody heard of: they are asked about soon.
    RECONCILE_INTERVAL_MS: '1000',
    POLL_SILENT_AFTER_MS: '5000',
  };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { keepOutput } from '../support/run-record';
import { type Answer, type RequestOptions, send } from '../support/service';
import { waitFor } from '../support/wait-for';

const START_MS = 60_000;

/** One instance of the service in a process of its own, from the build, that can be killed at a named point. */
export class Instance {
  readonly ended: Promise<unknown>;
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    this.ended = once(child, 'exit');
  }

  /** Starts one and waits until it is ready. */
  static async start(environment: Readonly<Record<string, string>>): Promise<Instance> {
    const child = spawn(process.execPath, ['--require', './test/fault/fail-points.cjs', 'dist/src/main.js'], {
      env: { LOG_LEVEL: 'verbose', ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child.stdout?.on('data', keepOutput);
    child.stderr?.on('data', keepOutput);
    const instance = new Instance(child, `http://127.0.0.1:${environment['PORT'] ?? ''}`);
    const isReady = async () => (await instance.request('GET', '/health/ready')).status === 200;
    await waitFor(isReady, 'an instance is ready', START_MS);
    return instance;
  }

  get isRunning(): boolean {
    return this.child.connected && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** From now on every point that is reached is written to the file. */
  record(file: string): void {
    this.child.send({ record: file });
  }

  /** From now on the process kills itself at the point. */
  stopAt(point: string): void {
    this.child.send({ stopAt: point });
  }

  request(method: string, path: string, options?: RequestOptions): Promise<Answer> {
    return send(this.url + path, method, options);
  }

  async kill(): Promise<void> {
    if (!this.isRunning) return;
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

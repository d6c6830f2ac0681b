import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { keepOutput } from '../support/run-record';
import { type Answer, type RequestOptions, send } from '../support/service';
import { waitFor } from '../support/wait-for';

const START_MS = 60_000;
const FAIL_POINTS = join(__dirname, 'fail-points.cjs');

/** One instance of the service in a process of its own, from the build, that can be killed at a named point. */
export class Instance {
  /** How the process ended: its code, or the signal. */
  readonly ended: Promise<string>;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    this.ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? String(code))));
  }

  /** Starts one and waits until it is ready. */
  static async start(environment: Readonly<Record<string, string>>): Promise<Instance> {
    const instance = Instance.launch(environment);
    await waitFor(() => instance.isReady(), 'an instance is ready', START_MS);
    return instance;
  }

  /**
   * Starts one, and does not wait.
   * @param hear gets what it says, piece by piece
   * @param root where the build is that it runs from
   */
  static launch(
    environment: Readonly<Record<string, string>>,
    hear: (output: string) => void = () => {},
    root = '.',
  ): Instance {
    const child = spawn(process.execPath, ['--require', FAIL_POINTS, 'dist/src/main.js'], {
      cwd: root,
      env: { LOG_LEVEL: 'verbose', ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        keepOutput(chunk);
        hear(chunk.toString());
      });
    }
    // A message to one that has just ended is lost, and that is all.
    child.on('error', () => undefined);
    return new Instance(child, `http://127.0.0.1:${environment['PORT'] ?? ''}`);
  }

  get isRunning(): boolean {
    return this.child.connected && this.child.exitCode === null && this.child.signalCode === null;
  }

  async isReady(): Promise<boolean> {
    return (await this.request('GET', '/health/ready')).status === 200;
  }

  /** Whether it became ready; false when it ended before, or when nobody wants to know any more. */
  untilReady(isOver: () => boolean): Promise<boolean> {
    const isDecided = async () => !this.isRunning || isOver() || (await this.isReady());
    return waitFor(isDecided, 'an instance is ready', START_MS).then(
      () => this.isRunning,
      () => false,
    );
  }

  /** From now on every point that is reached is written to the file. */
  record(file: string): void {
    this.child.send({ record: file });
  }

  /** From now on the process kills itself at the point. */
  stopAt(point: string): void {
    if (this.isRunning) this.child.send({ stopAt: point });
  }

  /** The next claim of calls commits, and the process does not learn of it: its connection ends before the answer. */
  loseClaim(): void {
    if (this.isRunning) this.child.send({ loseCommitOf: 'ringonce.start_attempts' });
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.child.kill(signal);
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

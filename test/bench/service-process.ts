import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { endWithParent } from '../support/child-process';
import { now } from './clock';

const START_MS = 60_000;
const POLL_MS = 10;
const LAST_LINES = 20;

export type Environment = Readonly<Record<string, string>>;

export interface ServiceAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * One instance of the service from the build, started as `npm start` starts it, with the settings' defaults and nothing of
 * the bench inside. `BENCH_NODE_OPTIONS` is handed to Node, `--cpu-prof` for instance.
 */
export class ServiceProcess {
  /** The last of what it said. With LOG_LEVEL=warn it has nothing to say while all is well. */
  readonly said: string[] = [];
  readyAfterMs = Number.NaN;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => this.hear(chunk));
    endWithParent(child);
  }

  /** Starts one, and returns when it is ready. @param environment nothing else is handed on but PATH */
  static async start(environment: Environment): Promise<ServiceProcess> {
    const port = environment['PORT'] ?? String(await freePort());
    const begunAt = now();
    const options = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean);
    const child = spawn(process.execPath, [...options, '--enable-source-maps', 'dist/src/main.js'], {
      env: { PATH: process.env['PATH'], LOG_LEVEL: 'warn', HOST: '127.0.0.1', ...environment, PORT: port },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const service = new ServiceProcess(child, `http://127.0.0.1:${port}`);
    await service.untilReady(begunAt);
    service.readyAfterMs = now() - begunAt;
    return service;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** @param path with `/v1` where the route has it */
  async request(method: string, path: string, { token, body }: { token?: string; body?: unknown } = {}) {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as unknown };
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async untilReady(begunAt: number): Promise<void> {
    for (;;) {
      if (this.hasEnded || now() - begunAt > START_MS) {
        this.child.kill('SIGKILL');
        throw new Error(`The service did not get ready:\n${this.said.join('')}`);
      }
      const answer = await fetch(`${this.url}/health/ready`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.status === 200) return;
      await delay(POLL_MS);
    }
  }

  private hear(chunk: Buffer): void {
    this.said.push(chunk.toString());
    if (this.said.length > LAST_LINES) this.said.shift();
    if (process.env['BENCH_VERBOSE']) process.stderr.write(chunk);
  }
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

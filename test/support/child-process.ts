import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const TYPESCRIPT = join(__dirname, 'typescript-hook.cjs');

interface Question {
  readonly id: number;
  readonly duty: string;
  readonly value: unknown;
}

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly problem?: string;
}

/** What a process does for its parent, by name: at most one parameter, always a promise. */
export type Duties<Names extends string = string> = Readonly<Record<Names, (value: never) => Promise<unknown>>>;

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** However this process ends, the other one ends with it. */
export function endWithParent(child: ChildProcess): void {
  alive.add(child);
  child.once('exit', () => alive.delete(child));
}

/** A TypeScript file in a process of its own: what it does costs its parent nothing. */
export class Child {
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private asked = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly name: string,
  ) {
    child.on('message', (reply: Reply) => {
      this.waiting.get(reply.id)?.(reply);
      this.waiting.delete(reply.id);
    });
    child.once('exit', (code, signal) => {
      const problem = `ended by itself (${String(signal ?? code)})`;
      for (const [id, answer] of this.waiting) answer({ id, problem });
    });
    endWithParent(child);
  }

  /** @param file ends with {@link serveParent} */
  static start(file: string, nodeOptions: readonly string[] = []): Child {
    const child = fork(file, [], { execArgv: ['--require', TYPESCRIPT, ...nodeOptions] });
    return new Child(child, file);
  }

  /** @throws an Error with the words of the process when it could not do it */
  ask<Answer>(duty: string, value?: unknown): Promise<Answer> {
    const id = (this.asked += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ answer, problem }) =>
        problem === undefined ? resolve(answer as Answer) : reject(new Error(`${this.name}, ${duty}: ${problem}`)),
      );
      this.child.send({ id, duty, value } satisfies Question);
    });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}

/** In the process: does what its parent asks, and ends with it. */
export function serveParent(duties: Duties, onEnd: () => Promise<void> = () => Promise.resolve()): void {
  process.on('message', ({ id, duty, value }: Question) => {
    const perform = duties[duty] as ((value: unknown) => Promise<unknown>) | undefined;
    const reply = (answer: Reply) => process.send?.(answer);
    Promise.resolve(value)
      .then((given) => (perform ? perform(given) : Promise.reject(new Error('no such duty'))))
      .then(
        (answer) => reply({ id, answer }),
        (error: unknown) =>
          reply({ id, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
  });
  process.on('disconnect', () => void onEnd().finally(() => process.exit(0)));
}

import type { Pool } from 'pg';

/** Most statements are over by then, so that nobody has to ask whether they wait for a lock. */
const MOMENT_MS = 5;

/** Holds up every statement of one connection until it is let through. */
export class Gate {
  private isClosed = false;
  private isSuspended = false;
  private waiting: (() => void) | undefined;
  private arrived: () => void = () => undefined;

  /** Guards the only connection of a pool. */
  constructor(pool: Pool) {
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
      const held = async (...parameters: unknown[]) => {
        await this.pass();
        return query(...parameters);
      };
      client.query = held as typeof client.query;
    });
  }

  get isWaiting(): boolean {
    return this.waiting !== undefined;
  }

  /** Comes back once it is this one's turn. */
  pass(): Promise<void> {
    if (!this.isClosed || this.isSuspended) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting = resolve;
      this.arrived();
    });
  }

  /** Comes back when somebody waits here, or after a moment. */
  async arrival(): Promise<void> {
    if (this.isWaiting) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.arrived = resolve;
      timer = setTimeout(resolve, MOMENT_MS);
    });
    clearTimeout(timer);
  }

  close(): void {
    this.isClosed = true;
  }

  open(): void {
    this.isClosed = false;
    this.letThrough();
  }

  letThrough(): void {
    const go = this.waiting;
    this.waiting = undefined;
    go?.();
  }

  /** Runs `work` without holding it up. */
  async unheld<T>(work: () => Promise<T>): Promise<T> {
    this.isSuspended = true;
    try {
      return await work();
    } finally {
      this.isSuspended = false;
    }
  }
}

/** Work on one connection, one statement at a time. */
export interface Strand {
  readonly gate: Gate;
  /** The server's process behind the connection. */
  readonly processId: number;
  readonly work: () => Promise<void>;
}

/** Whose statement is next, or something that happens in between. */
export type Turn = number | { readonly event: () => Promise<void> };

/**
 * Runs strands side by side, statement by statement, in the order of `turns`, and after those one after the other. Who
 * waits for a lock misses the turn. Rejects with the first failure, and when all wait for each other.
 * @param blocked which of the server's processes wait for a lock
 */
export async function interleave(
  strands: readonly Strand[],
  turns: readonly Turn[],
  blocked: (processIds: readonly number[]) => Promise<ReadonlySet<number>>,
): Promise<void> {
  const failures: unknown[] = [];
  const isOver = () => failures.length > 0 || running.size === 0;
  const running = new Set(strands);
  let stuck: readonly Strand[] = [];
  for (const { gate } of strands) gate.close();
  const runs = strands.map(async (strand) => {
    await strand.work().catch((error: unknown) => failures.push(error));
    running.delete(strand);
  });
  try {
    stuck = await standstill(running, stuck, blocked);
    for (let index = 0; !isOver(); index += 1) {
      await take(turns[index] ?? index % strands.length, strands, running);
      stuck = await standstill(running, stuck, blocked);
    }
  } finally {
    for (const { gate } of strands) gate.open();
    await Promise.all(runs);
  }
  for (const failure of failures) throw failure;
}

/**
 * Comes back when every strand that still runs is held up, by its gate or by a lock.
 * @returns those that wait for a lock
 */
async function standstill(
  running: ReadonlySet<Strand>,
  stuckBefore: readonly Strand[],
  blocked: (processIds: readonly number[]) => Promise<ReadonlySet<number>>,
): Promise<readonly Strand[]> {
  const expected = [...running].filter((strand) => !stuckBefore.includes(strand));
  await Promise.all(expected.map(({ gate }) => gate.arrival()));
  for (;;) {
    const moving = [...running].filter(({ gate }) => !gate.isWaiting);
    if (moving.length === 0) return [];
    const stuck = await blocked(moving.map(({ processId }) => processId));
    if (moving.every(({ processId }) => stuck.has(processId))) return moving;
  }
}

async function take(turn: Turn, strands: readonly Strand[], running: ReadonlySet<Strand>): Promise<void> {
  if (typeof turn === 'object') return turn.event();
  const ready = [...running].filter(({ gate }) => gate.isWaiting);
  const wanted = strands[turn];
  const next = wanted && ready.includes(wanted) ? wanted : ready[0];
  if (!next) throw new Error('All wait for each other');
  next.gate.letThrough();
}

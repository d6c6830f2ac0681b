import type { TestDatabase } from '../support/test-database';

const OPEN = `state in ('placing', 'placed', 'unknown')`;

/**
 * Calls, by number, that may be canceled although no user wanted it. Written down when it happens: afterwards nothing
 * tells them from calls that an update has lost.
 */
export class Excuses {
  /** They were open while the queue was stopped, so they may have been hung up. */
  readonly hungUp = new Set<string>();

  constructor(private readonly database: Pick<TestDatabase, 'query'>) {}

  /** @param stop stops the queue and ends when it is about to go on, with nothing being sent: what waits then was put back */
  async whileStopping(stop: () => Promise<void>): Promise<void> {
    const before = await this.database.query<{ id: string; isOpen: boolean }>(
      `select id, ${OPEN} as "isOpen" from call_attempts`,
    );
    const open = before.filter(({ isOpen }) => isOpen);
    await stop();
    const touched = await this.database.query<{ number: string }>(
      `select distinct recipient_number as number
         from call_attempts as attempt join call_queue as call on call.id = attempt.call_queue_id
        where (attempt.id = any ($1) or attempt.id <> all ($2)) and call.status <> 'queued'`,
      [open.map(({ id }) => id), before.map(({ id }) => id)],
    );
    for (const { number } of touched) this.hungUp.add(number);
  }
}

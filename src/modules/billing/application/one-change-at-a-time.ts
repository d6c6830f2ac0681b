import { Injectable } from '@nestjs/common';
import { ChangeInProgress } from '../domain/billing.errors';
import type { NotedChange } from '../domain/noted-change';
import { type HeldChange, NotedChanges } from './ports/noted-changes.port';

/** What a change may say about itself while it is under way. */
export interface RunningChange {
  /**
   * Writes down what is about to be sent, so that whoever looks later finishes it should it come about later, or never.
   * @throws ChangeInProgress when another one has taken its place
   */
  note(change: NotedChange): Promise<void>;
  /** It has come to its end, and so has what was noted before it; with a kind, only if that was of this kind. */
  forget(kind?: NotedChange['kind']): Promise<void>;
}

/**
 * Runs the changes of a user's paid subscription one after the other, on however many instances: two at once would undo
 * each other, since each takes several requests to the payment side. No transaction is open meanwhile.
 */
@Injectable()
export class OneChangeAtATime {
  constructor(private readonly changes: NotedChanges) {}

  /** @throws ChangeInProgress while another one is under way */
  async run<T>(userId: string, change: (running: RunningChange) => Promise<T>): Promise<T> {
    const held = await this.changes.hold(userId);
    if (!held) throw new ChangeInProgress();
    try {
      return await change(this.running(held));
    } finally {
      await this.changes.release(held);
    }
  }

  private running(held: HeldChange): RunningChange {
    return {
      note: async (change) => {
        if (!(await this.changes.note(held, change))) throw new ChangeInProgress();
      },
      forget: (kind) => this.changes.forget(held, kind),
    };
  }
}

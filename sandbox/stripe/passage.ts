import { nextDue, type Due } from './life/agenda';
import { DAY, HOUR, MINUTE } from './life/calendar';
import type { Clock } from './life/clock';
import type { Outbox } from './outbox';
import type { World } from './world';

export interface Duration {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
}

const MOST_AT_ONCE = 100_000;

/** Something that stays due would be done for ever. */
class Progress {
  private at = -Infinity;
  private count = 0;

  check(at: number): void {
    this.count = at === this.at ? this.count + 1 : 0;
    this.at = at;
    if (this.count > MOST_AT_ONCE) throw new Error(`Too much is due at ${new Date(at * 1000).toISOString()}.`);
  }
}

/** Lets time pass: whatever is due on the way happens in its order, and is delivered before the next thing happens. */
export class Passage {
  constructor(
    private readonly world: World,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
  ) {}

  now(): Date {
    return this.clock.date;
  }

  async advance({ days = 0, hours = 0, minutes = 0, seconds = 0 }: Duration): Promise<void> {
    await this.advanceToSecond(this.clock.present + days * DAY + hours * HOUR + minutes * MINUTE + seconds);
  }

  /** @throws RangeError for a moment that has passed */
  async advanceTo(date: Date | string): Promise<void> {
    await this.advanceToSecond(Math.floor(new Date(date).getTime() / 1000));
  }

  /** What has become due since somebody looked last. */
  catchUp(): void {
    const until = this.clock.present;
    const progress = new Progress();
    for (let due = this.next(until); due !== undefined; due = this.next(until)) {
      progress.check(due.at);
      this.clock.during(due.at, due.happen);
    }
  }

  private async advanceToSecond(until: number): Promise<void> {
    if (until < this.clock.present) throw new RangeError('The clock never goes back.');
    this.catchUp();
    await this.outbox.settled();
    const progress = new Progress();
    for (let due = this.next(until); due !== undefined; due = this.next(until)) {
      progress.check(due.at);
      this.clock.moveTo(Math.max(due.at, this.clock.present));
      due.happen();
      await this.outbox.settled();
    }
    this.clock.moveTo(Math.max(until, this.clock.present));
  }

  private next(until: number): Due | undefined {
    const due = nextDue(this.world, until);
    const retry = this.outbox.nextRetry(until);
    if (due === undefined || retry === undefined) return due ?? retry;
    return retry.at < due.at ? retry : due;
  }
}

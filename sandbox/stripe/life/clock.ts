/** The stand-in's own time, in whole seconds. It stands still, or runs with everybody's. */
export class Clock {
  /** What it is ahead of everybody's; not used while it stands still. */
  private aheadMs = 0;
  private standsAt: number | undefined;
  /** While something due is being done, it is the moment it was due. */
  private pinnedAt: number | undefined;

  constructor(standsAt?: Date) {
    if (standsAt !== undefined) this.standsAt = Math.floor(standsAt.getTime() / 1000);
  }

  get seconds(): number {
    return this.pinnedAt ?? this.present;
  }

  get date(): Date {
    return new Date(this.seconds * 1000);
  }

  /** Now, whatever is being caught up with. */
  get present(): number {
    return this.standsAt ?? Math.floor((Date.now() + this.aheadMs) / 1000);
  }

  /** Does something as of another moment. */
  during(seconds: number, effect: () => void): void {
    this.pinnedAt = seconds;
    try {
      effect();
    } finally {
      this.pinnedAt = undefined;
    }
  }

  /** Never goes back. */
  moveTo(seconds: number): void {
    if (seconds < this.present) throw new RangeError('The clock never goes back.');
    if (this.standsAt === undefined) this.aheadMs += (seconds - this.present) * 1000;
    else this.standsAt = seconds;
  }
}

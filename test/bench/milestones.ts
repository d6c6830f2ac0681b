import { now } from './clock';

/** Counts, and tells those who wait for a count when it was reached. */
export class Milestones {
  private waiting: { readonly count: number; readonly reached: (at: number) => void }[] = [];
  private readonly moments: number[] = [];

  get reached(): number {
    return this.moments.length;
  }

  add(count = 1): void {
    const at = now();
    for (let added = 0; added < count; added += 1) this.moments.push(at);
    if (this.waiting.length === 0) return;
    for (const waiter of this.waiting) if (waiter.count <= this.reached) waiter.reached(this.momentOf(waiter.count));
    this.waiting = this.waiting.filter((waiter) => waiter.count > this.reached);
  }

  /** @returns the moment at which the count was reached */
  until(count: number): Promise<number> {
    if (count <= this.reached) return Promise.resolve(this.momentOf(count));
    return new Promise((reached) => this.waiting.push({ count, reached }));
  }

  private momentOf(count: number): number {
    return this.moments[count - 1] ?? Number.NaN;
  }
}

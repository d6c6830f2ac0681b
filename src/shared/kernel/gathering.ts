interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface GatheringLimits {
  /** How many items are done together. */
  readonly most: number;
  /** How long a group may take: nothing that is stuck may stop all that comes after it. */
  readonly patienceMs: number;
  /** Hears of each group whose items are done alone now. */
  readonly onGivenUp: (error: unknown, size: number) => void;
}

/**
 * Does items together that come at the same time, or while the ones before them are being done, as databases do with
 * commits: nothing waits for company, and the busier it gets the less each item costs.
 */
export class Gathering<Item, Result> {
  private readonly waiting: Waiting<Item, Result>[] = [];
  private isBusy = false;

  /**
   * @param together does several items, all or none, and answers in their order. When it rejects, or takes too long, each
   * of them is done alone, so that one which cannot be done harms no other. It may come to its end all the same: doing
   * an item again must change nothing
   * @param alone does one item; its rejection is the item's
   */
  constructor(
    private readonly together: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly alone: (item: Item) => Promise<Result>,
    private readonly limits: GatheringLimits,
  ) {}

  /** @returns the item's own result; rejects when it could not be done alone either */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.isBusy) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.isBusy = true;
    while (this.waiting.length > 0) {
      await allThatHasArrived();
      await this.doGroup(this.waiting.splice(0, this.limits.most));
    }
    this.isBusy = false;
  }

  /** Whoever is done alone holds up no further group: it may have to wait for long. */
  private async doGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.inTime(this.together(group.map(({ item }) => item)));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    } catch (error) {
      this.limits.onGivenUp(error, group.length);
      for (const { item, resolve, reject } of group) this.alone(item).then(resolve, reject);
    }
  }

  private async inTime<T>(work: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`Not done together within ${String(this.limits.patienceMs)} ms`));
      }, this.limits.patienceMs);
    });
    try {
      return await Promise.race([work, tooLong]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Lets the process take in what its sockets have received already; no more than that. */
function allThatHasArrived(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

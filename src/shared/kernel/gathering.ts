interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Does items together that come at the same time, or while the ones before them are being done, as databases do with
 * commits: nothing waits for company, and the busier it gets the less each item costs.
 */
export class Gathering<Item, Result> {
  private readonly waiting: Waiting<Item, Result>[] = [];
  private isBusy = false;

  /**
   * @param together does several items, all or none, and answers in their order. When it rejects, each of them is done
   * alone, so that one which cannot be done harms no other
   * @param alone does one item; its rejection is the item's
   * @param most how many items are done together
   */
  constructor(
    private readonly together: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly alone: (item: Item) => Promise<Result>,
    private readonly most: number,
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
      await this.doGroup(this.waiting.splice(0, this.most));
    }
    this.isBusy = false;
  }

  /** Whoever is done alone holds up no further group: it may have to wait for long. */
  private async doGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.together(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    } catch {
      for (const { item, resolve, reject } of group) this.alone(item).then(resolve, reject);
    }
  }
}

/** Lets the process take in what its sockets have received already; no more than that. */
function allThatHasArrived(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

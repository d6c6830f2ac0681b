/** What comes before each comparison with the payment side: whoever takes real money ends what nobody paid for. */
export abstract class BeforeComparison {
  abstract execute(): Promise<unknown>;
}

/** Where no money is taken there is nothing to end. */
export class NothingBeforeComparison extends BeforeComparison {
  execute(): Promise<void> {
    return Promise.resolve();
  }
}

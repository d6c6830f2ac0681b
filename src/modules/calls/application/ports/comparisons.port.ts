/** One provider's calls, still to be compared with a restored database. */
export interface Comparison {
  readonly providerId: string;
  /** Where the look through its calls goes on; null: at its beginning. */
  readonly page: string | null;
}

/** What a page brought. `next`: the page after it, null after the last. */
export interface ComparedPage {
  readonly next: string | null;
  readonly adopted: number;
  readonly lost: number;
}

/** `repeat`: the look is over, but has to be made once more. */
export type ComparisonState = 'under-way' | 'repeat' | 'complete';

/** How far the comparison of a restored database with the vendors has come. One instance works on it at a time. */
export abstract class Comparisons {
  /**
   * Takes, or keeps, the comparison for `forMs` from the database's now.
   * @returns the moment since which the vendors' calls count; undefined while there is nothing to compare, or another
   * instance does it
   */
  abstract take(holder: string, forMs: number): Promise<Date | undefined>;

  /** What is still to be compared: of every provider, inactive ones included. */
  abstract open(): Promise<readonly Comparison[]>;

  /**
   * Notes that a page is done. A look that began sooner than `settleMs` after the database was marked is repeated: what
   * an instance had sent by then may not have been visible.
   */
  abstract advance(comparison: Comparison, done: ComparedPage, settleMs: number): Promise<ComparisonState>;

  /** Notes why a provider's calls could not be read. After several times in a row its look begins anew. */
  abstract noteProblem(providerId: string, problem: string): Promise<void>;

  /** A vendor speaks of an attempt that nobody knows, at a call that is known: its provider is looked through once more. */
  abstract noteNews(providerId: string, callId: string): Promise<void>;
}

/** One provider's calls, still to be compared with a restored database. */
export interface Comparison {
  readonly providerId: string;
  /** Which look through them it is; another one may have begun since. */
  readonly look: string;
  /** Where the look through its calls goes on; null: at its beginning. */
  readonly page: string | null;
}

/** What a page brought. `next`: the page after it, null after the last. */
export interface ComparedPage {
  readonly next: string | null;
  readonly adopted: number;
  readonly lost: number;
  /** Calls that are under way at the vendor and hold no slot here. */
  readonly live: number;
}

/** The mark on a restored database, as far as comparing needs it. */
export interface ComparedRestore {
  /** The vendors' calls since then count. */
  readonly since: Date;
  /** Nothing has been claimed here from then on. */
  readonly markedAt: Date;
}

/**
 * `repeat`: the look is over, but has to be made once more · `overtaken`: somebody else has done this page, or another
 * look has begun; nothing was noted.
 */
export type ComparisonState = 'under-way' | 'repeat' | 'complete' | 'overtaken';

/** How far the comparison of a restored database with the vendors has come. One instance works on it at a time. */
export abstract class Comparisons {
  /**
   * Takes, or keeps, the comparison for `forMs` from the database's now.
   * @returns what to compare with; undefined while there is nothing to compare, or another
   * instance does it
   */
  abstract take(holder: string, forMs: number): Promise<ComparedRestore | undefined>;

  /** What is still to be compared: of every provider, inactive ones included. */
  abstract open(): Promise<readonly Comparison[]>;

  /**
   * Notes that a page is done. A look that began sooner than `settleMs` after the database was marked is repeated: what
   * an instance had sent by then may not have been visible. So is one that saw live calls without a slot here: until they
   * are over, new ones would go out beyond the vendor's limit.
   */
  abstract advance(comparison: Comparison, done: ComparedPage, settleMs: number): Promise<ComparisonState>;

  /**
   * Notes why a provider's calls could not be read, unless somebody else has got on meanwhile. After several times in a
   * row the look begins anew.
   */
  abstract noteProblem(comparison: Comparison, problem: string): Promise<void>;

  /** A vendor speaks of an attempt that nobody knows, at a call that is known: its provider is looked through once more. */
  abstract noteNews(providerId: string, callId: string): Promise<void>;
}

/** What became of a user's calls. */
export interface EndedCalls {
  readonly canceled: readonly string[];
  /** How many have still to be ended at their vendors. */
  readonly underWay: number;
  /** Those of them that nobody wanted ended before. */
  readonly unwanted: readonly string[];
}

/** What a user's calls tell of people. Joins the surrounding unit of work. */
export abstract class PersonalData {
  /**
   * Locks all calls of the user, in the order in which everybody locks calls. To be called before any of them is locked
   * in another way: who locks some first, and the others later, waits in circles with those who take in news.
   */
  abstract hold(userId: string): Promise<void>;

  /** Locks the user's calls that have not ended, cancels those that wait, and keeps the wish to end the others. */
  abstract endCalls(userId: string): Promise<EndedCalls>;

  /**
   * Clears numbers, variables, transcripts and recordings of the user's calls, what the user keeps for templates, and
   * kept answers to the user's requests. Rows that others count on stay: calls, attempts, records. Repeating it changes
   * nothing.
   */
  abstract clear(userId: string): Promise<void>;
}

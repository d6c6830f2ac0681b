/** What a user's calls tell of people. Joins the surrounding unit of work. */
export abstract class PersonalData {
  /**
   * Locks the user's calls that have not ended, cancels those that wait, and keeps the wish to end the others.
   * @returns which were canceled, and which are still under way
   */
  abstract endCalls(
    userId: string,
  ): Promise<{ readonly canceled: readonly string[]; readonly underWay: readonly string[] }>;

  /**
   * Clears numbers, variables, transcripts and recordings of the user's calls, what the user keeps for templates, and
   * kept answers to the user's requests. Rows that others count on stay: calls, attempts, records. Repeating it changes
   * nothing.
   */
  abstract clear(userId: string): Promise<void>;
}

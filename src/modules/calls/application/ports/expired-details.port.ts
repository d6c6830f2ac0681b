/** What records of calls hold of people, and do not need for good. The records themselves stay, with their numbers. */
export abstract class ExpiredDetails {
  /**
   * Clears transcript, summary and analysis of calls that were accepted longer ago and have ended, the oldest first.
   * Safe to run at the same time on several instances: none waits for another one's rows.
   * @returns how many records, at most `limit`
   */
  abstract clearTranscripts(olderThanMs: number, limit: number): Promise<number>;

  /** Clears the links to recordings in the same way. */
  abstract clearRecordings(olderThanMs: number, limit: number): Promise<number>;
}

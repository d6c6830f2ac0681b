/** The mark on a database that was put back to a backup. While it stands, nothing is claimed. */
export abstract class Restorations {
  /**
   * Pauses dispatch and marks the database as restored; a comparison that had begun begins anew. Waits for claims under
   * way, so that none commits afterwards. An order to hang up that a stop had given is over. Runs in a unit of work.
   * @param since when the backup was made; by default, and at the latest, the newest call, attempt, record or ledger line
   * @returns back to when the vendors are compared: an hour before that, or what a mark that still stands says if that is
   * earlier
   */
  abstract mark(since: Date | undefined): Promise<Date>;

  /** Takes the comparison for complete, whatever is missing. False: the database is not marked. */
  abstract abandon(): Promise<boolean>;

  /**
   * Whether the database is another one than the service last saw: on another server or timeline, or under another
   * identity. Notes what it is now. False as well where the database does not tell.
   */
  abstract noticeIdentity(): Promise<boolean>;
}

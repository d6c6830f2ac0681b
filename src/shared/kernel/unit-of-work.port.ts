/** The claims of a verified access token that the database's row-level security needs. */
export interface UserClaims {
  readonly sub: string;
  readonly email?: string;
}

/** The transaction boundary. Repositories join the transaction that is open around them. */
export abstract class UnitOfWork {
  /**
   * Runs `work` in one READ COMMITTED transaction, with the service's own rights. Called inside another unit of work
   * it joins that one and keeps its role. Commits when `work` resolves, rolls back when it rejects.
   */
  abstract run<T>(work: () => Promise<T>): Promise<T>;

  /**
   * Runs `work` like `run`, in a transaction that it may share with others which come at the same time. For short work that
   * comes often. It may be run a second time, when the first has come to nothing: it must have no effects but in the
   * transaction and by `afterCommit`. It waits for no lock for long the first time.
   */
  abstract runShared<T>(work: () => Promise<T>): Promise<T>;

  /**
   * Runs `work` like `run`, but in a transaction of its own whatever is open around it. A statement that would have to
   * wait for a lock for longer than `patienceMs` rejects; without it, it waits.
   */
  abstract apart<T>(work: () => Promise<T>, patienceMs?: number): Promise<T>;

  /**
   * Runs `work` as the database role `authenticated` with the user's claims, so that row-level security applies.
   * Inside another unit of work it joins the transaction and gives the role back when `work` resolves.
   */
  abstract asUser<T>(claims: UserClaims, work: () => Promise<T>): Promise<T>;

  /**
   * Runs `effect` once the surrounding transaction has committed (never after a rollback), or at once without one.
   * The effect must not throw: nobody is left to handle it.
   */
  abstract afterCommit(effect: () => void): void;
}

import type { Page, PageRequest } from './page';
import type { Snapshot } from './snapshot';

/** Who makes a change. */
export interface ChangeAuthor {
  /** `user`: an administrator · `service`: an internal service · `system`: this service by itself, or a command line. */
  readonly kind: 'user' | 'service' | 'system';
  /** The administrator, or the user whom an internal service names. */
  readonly userId: string | null;
  /** Null outside of requests. */
  readonly requestId: string | null;
}

/** Knows who is behind the running code. */
export abstract class CurrentAuthor {
  abstract get(): ChangeAuthor;
}

/** One administrative change. Snapshots hold no secret. */
export interface AuditedChange {
  /** The kind of thing and what was done to it: `provider.change`. */
  readonly action: string;
  /** The id is a UUID; null where there is only one of the kind. */
  readonly subject: { readonly kind: string; readonly id: string | null };
  /** Null for what is new. */
  readonly before: Snapshot | null;
  /** Null for what is gone. */
  readonly after: Snapshot | null;
}

export interface AuditEntry extends AuditedChange {
  readonly id: string;
  readonly author: ChangeAuthor;
  readonly createdAt: Date;
}

export interface AuditFilter {
  readonly subjectId?: string | undefined;
  readonly action?: string | undefined;
}

/** What administrators change, and who they are. Entries are added and never touched again. */
export abstract class AuditTrail {
  /**
   * Writes down changes by the current author, in the unit of work that makes them: neither commits without the other.
   * @throws Error outside of a unit of work
   */
  abstract record(...changes: readonly AuditedChange[]): Promise<void>;

  abstract list(filter: AuditFilter, request: PageRequest): Promise<Page<AuditEntry>>;
}

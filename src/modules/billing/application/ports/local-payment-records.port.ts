export type LocalRecordKind = 'customer' | 'checkout' | 'portal' | 'subscription';

/** One thing that the local payment page remembers. */
export interface LocalPaymentRecord {
  readonly id: string;
  readonly kind: LocalRecordKind;
  /** A customer's own id for the customer itself. */
  readonly customerId: string;
  /** JSON; only who wrote it knows its shape. */
  readonly data: unknown;
}

/** Where the local payment page keeps its customers, and what belongs to each, in place of a payment vendor. */
export abstract class LocalPaymentRecords {
  abstract find(id: string): Promise<LocalPaymentRecord | undefined>;

  /** Oldest first; of every customer when none is named. */
  abstract list(kind: LocalRecordKind, customerId?: string): Promise<readonly LocalPaymentRecord[]>;

  /** Makes other units of work that lock the customer wait until the surrounding one is over. Does nothing for an unknown one. */
  abstract lock(customerId: string): Promise<void>;

  /** Keeps a new record. Does nothing when its id is there already. */
  abstract add(record: LocalPaymentRecord): Promise<void>;

  /** Replaces the data of a record. */
  abstract save(record: LocalPaymentRecord): Promise<void>;

  /** The database's clock. */
  abstract now(): Promise<Date>;
}

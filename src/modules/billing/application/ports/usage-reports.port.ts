import type { Page, PageRequest } from '../../../../shared/kernel/page';
import type { Allowance } from '../../domain/allowance';
import type { LineKind } from '../../domain/ledger-line';

/** One line of a user's ledger, as the user sees it. */
export interface UsageEntry {
  readonly id: string;
  readonly kind: LineKind;
  readonly callQueueId: string;
  readonly attemptId: string;
  readonly calls: number;
  readonly minutes: number;
  readonly createdAt: Date;
}

/** What users may see of the ledger. Reads only. */
export abstract class UsageReports {
  /** The allowance of the period that contains the database's now; undefined without a live subscription. */
  abstract currentAllowance(userId: string): Promise<Allowance | undefined>;
  abstract entries(userId: string, request: PageRequest): Promise<Page<UsageEntry>>;
}

import type { Page, PageRequest } from '../../../../shared/kernel/page';
import type { CallRecord, RecordStatus } from '../../domain/call-record';

/** Undefined = any. */
export interface RecordFilter {
  readonly status?: RecordStatus | undefined;
  readonly outcome?: string | undefined;
  /** Created at this time or later. */
  readonly from?: Date | undefined;
  /** Created before this time. */
  readonly to?: Date | undefined;
}

/** The call history for reading. Joins the surrounding unit of work. */
export abstract class CallRecords {
  abstract find(userId: string, recordId: string): Promise<CallRecord | undefined>;

  /** Newest first. */
  abstract list(userId: string, filter: RecordFilter, page: PageRequest): Promise<Page<CallRecord>>;
}

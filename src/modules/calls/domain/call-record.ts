export const RECORD_STATUSES = ['in-progress', 'completed', 'failed'] as const;
export type RecordStatus = (typeof RECORD_STATUSES)[number];

/** What became of an attempt that a vendor accepted. */
export interface CallRecord {
  readonly id: string;
  readonly callQueueId: string;
  /** The vendor's id. */
  readonly callId: string;
  readonly providerId: string;
  readonly assistantId: string;
  readonly phoneNumberId: string;
  readonly recipientNumber: string;
  readonly status: RecordStatus;
  readonly outcome: string | null;
  readonly endedReason: string | null;
  readonly transcript: string | null;
  readonly summary: string | null;
  readonly recordingUrl: string | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly durationSeconds: number | null;
  /** Millionths of `currency`. */
  readonly costMicros: number | null;
  readonly currency: string | null;
  readonly createdAt: Date;
}

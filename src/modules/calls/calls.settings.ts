import { z } from 'zod';
import { milliseconds, wholeNumber } from '../../shared/config/fields';

export const callsVariables = {
  DISPATCH_BATCH_SIZE: wholeNumber(10, 1, 1_000),
  DISPATCH_INTERVAL_MS: milliseconds(1_000, 10),
  PLACE_TIMEOUT_MS: milliseconds(30_000),
  RECONCILE_INTERVAL_MS: milliseconds(15_000, 10),
  POLL_SILENT_AFTER_MS: milliseconds(60_000),
  UNKNOWN_RESOLVE_AFTER_MS: milliseconds(900_000),
  UNKNOWN_PLACEMENT_POLICY: z.enum(['fail', 'redial']).default('fail'),
  DEFAULT_MAX_CALL_SECONDS: wholeNumber(600, 10, 43_200),
  SHUTDOWN_TIMEOUT_MS: milliseconds(30_000),
  TRANSCRIPT_RETENTION_DAYS: wholeNumber(0, 0, 3_650),
  RECORDING_RETENTION_DAYS: wholeNumber(0, 0, 3_650),
};

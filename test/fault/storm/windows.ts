/**
 * What comes by itself comes soon. The windows after which something is given up are long enough for everything that
 * can be found to be found; rows are aged instead of waiting for their ends.
 */
export const WINDOWS = {
  DISPATCH_INTERVAL_MS: '200',
  RECONCILE_INTERVAL_MS: '300',
  POLL_SILENT_AFTER_MS: '1500',
  PLACE_TIMEOUT_MS: '2500',
  UNKNOWN_RESOLVE_AFTER_MS: '20000',
  PROVIDER_COOLDOWN_MS: '200',
  BREAKER_OPEN_MS: '500',
  LINE_QUARANTINE_MS: '500',
} as const;

/** How calls are dispatched and looked after. */
export abstract class DispatchSettings {
  /** Calls that one claim takes at most. */
  abstract readonly batchSize: number;
  /** The schedule behind the wake-ups. */
  abstract readonly intervalMs: number;
  /** How long one POST to a vendor may take before its result counts as unknown. */
  abstract readonly placeTimeoutMs: number;
  /** How often unknown placements and silent calls are looked after. */
  abstract readonly reconcileIntervalMs: number;
  /** A placed call without news for this long is asked about. */
  abstract readonly pollSilentAfterMs: number;
  /** How long an unknown placement is looked for before the policy applies. */
  abstract readonly unknownResolveAfterMs: number;
  abstract readonly unknownPlacementPolicy: 'fail' | 'redial';
  /** The longest a call may last when its template names no time. */
  abstract readonly defaultMaxCallSeconds: number;
  /** A provider that could not be reached for a call is not tried again for that call within this time. */
  abstract readonly breakerOpenMs: number;
  /** How long placements under way may take to finish when the service stops. */
  abstract readonly shutdownTimeoutMs: number;
  /** How long after a call transcript, summary and analysis are kept; undefined: for good. */
  abstract readonly transcriptRetentionMs: number | undefined;
  /** How long after a call the link to its recording is kept; undefined: for good. */
  abstract readonly recordingRetentionMs: number | undefined;
}

/** A row's owner is dead, or as good as dead, when this is over; without ageing it would take half a minute more. */
const AGE_PLACING = `update call_attempts set created_at = created_at - interval '40 seconds'
  where state = 'placing'
    and created_at between clock_timestamp() - interval '30 seconds' and clock_timestamp() - interval '6 seconds'`;
/** The window of placements that the vendor has denied twice. */
export const AGE_DENIED = `update call_attempts set sought_since = sought_since - interval '30 seconds'
  where state = 'unknown' and asked >= 2 and sought_since between clock_timestamp() - interval '20 seconds'
    and clock_timestamp() - interval '3 seconds'`;

/** Nobody waits in a test for the half minutes after which something is given up: what is old enough gets older. */
export const AGEING = [AGE_PLACING, AGE_DENIED] as const;

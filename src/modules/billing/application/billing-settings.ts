/** How plans are sold. */
export abstract class BillingSettings {
  /** Where users and the payment side reach the service. */
  abstract readonly publicUrl: string;
  /** How long an owed invoice keeps the plan, in milliseconds from the day it was owed. */
  abstract readonly graceMs: number;
  /** How often everything that the payment side knows is compared, in milliseconds. */
  abstract readonly reconcileIntervalMs: number;
  /** How long an event of the payment side is kept once it is worked off, in milliseconds. */
  abstract readonly eventRetentionMs: number;
}

import type { NumberParts } from '../../domain/phone-number';

/** Knows how the world's phone numbers are composed. */
export abstract class NumberingPlan {
  /** Takes an E.164 number apart. Never refuses: a number of no known plan is all `phoneNumber`. */
  abstract split(fullNumber: string): NumberParts;
}

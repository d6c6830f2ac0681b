/** A phone number that can exist. */
export interface PhoneNumber {
  /** E.164. */
  readonly fullNumber: string;
  /** ISO 3166-1 alpha-2, where the number tells. */
  readonly country: string | undefined;
}

/** Knows the world's numbering plans. */
export abstract class PhoneNumbers {
  /** Reads E.164 text; undefined when no such number can exist. */
  abstract parse(fullNumber: string): PhoneNumber | undefined;
}

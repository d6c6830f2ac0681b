const E164 = /^\+[1-9]\d{6,14}$/;
const PUNCTUATION = /[\s().-]/g;

/** The number that a vendor tells, without what people put between its digits; undefined for what is no number. */
export function e164(told: string | undefined): string | undefined {
  const number = told?.replace(PUNCTUATION, '');
  return number !== undefined && E164.test(number) ? number : undefined;
}

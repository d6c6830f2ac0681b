/** Currencies that Stripe counts in whole units. */
const WHOLE = ['bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'vnd', 'vuv', 'xaf', 'xof', 'xpf'];
/** Currencies of which a thousandth is the smallest unit; Stripe takes tens of them. */
const THOUSANDTHS = ['bhd', 'jod', 'kwd', 'omr', 'tnd'];

/** An amount in the unit that Stripe counts a currency in: 29 dollars are 2900. */
export function toMinorUnits(amount: number, currency: string): number {
  if (WHOLE.includes(currency)) return Math.round(amount);
  if (THOUSANDTHS.includes(currency)) return Math.round(amount * 100) * 10;
  return Math.round(amount * 100);
}

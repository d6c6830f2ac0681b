import type { Random } from '../../kit/random';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Names that look like Stripe's; the same seed gives the same ones. */
export class Ids {
  constructor(private readonly random: Random) {}

  /** `cus` gives `cus_NffrFeUfNV2Hib`. */
  next(prefix: string, length = 14): string {
    return `${prefix}_${this.letters(length)}`;
  }

  letters(length: number): string {
    return Array.from({ length }, () => LETTERS[Math.floor(this.random() * LETTERS.length)]).join('');
  }
}

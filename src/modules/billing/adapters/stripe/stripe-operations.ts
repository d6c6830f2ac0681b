import type Stripe from 'stripe';
import { isKeySpent } from './stripe-errors';

/** Keys that one operation may go through; more would mean that something is wrong with it. */
const KEYS = 10;
/** So many operations are remembered whose first key is used up; forgetting one costs a failed attempt. */
const REMEMBERED = 1_000;

interface Wish<T> {
  /** Made of the operation's own id. */
  readonly key: string;
  readonly send: (options: Stripe.RequestOptions) => Promise<Stripe.Response<T>>;
  /** Finds what an earlier key made although its answer was a failure. */
  readonly look?: () => Promise<T | undefined>;
  /** Whether what a key once made is of no use any more, so that the next key makes another one. */
  readonly isOver?: (made: T) => Promise<boolean>;
}

/**
 * Sends requests that Stripe fulfils once per key, however often and by however many instances they are sent: it keeps
 * the first answer for at least a day and gives it again. That holds for failures of its own too, so a key that brings
 * one for good is followed by the next, the same next one for everybody.
 */
export class StripeOperations {
  /** Where to begin, by key; 1 for all others. */
  private readonly numbers = new Map<string, number>();

  /** One failed key per call is enough: while Stripe has trouble, each further one would be used up as well. */
  async once<T extends object>(wish: Wish<T>): Promise<T> {
    let failures = 0;
    for (let number = this.numbers.get(wish.key) ?? 1; number < KEYS; number += 1) {
      this.remember(wish.key, number);
      try {
        const made = await wish.send(keyed(wish.key, number));
        if (!(await isUseless(wish, made))) return made;
      } catch (error) {
        failures += 1;
        if (failures > 1 || !isKeySpent(error)) throw error;
        const made = await wish.look?.();
        if (made) return made;
      }
    }
    return wish.send(keyed(wish.key, KEYS));
  }

  private remember(key: string, number: number): void {
    if (number === 1) return;
    if (this.numbers.size >= REMEMBERED) this.numbers.clear();
    this.numbers.set(key, number);
  }
}

/** Whether the answer is what was true when the key was first used, and may be true no longer. */
export function isReplay(answer: object): boolean {
  const { lastResponse } = answer as Partial<Stripe.Response<object>>;
  return lastResponse?.headers['idempotent-replayed'] === 'true';
}

function keyed(key: string, number: number): Stripe.RequestOptions {
  return { idempotencyKey: number === 1 ? key : `${key}:${number}` };
}

async function isUseless<T extends object>({ isOver }: Wish<T>, made: T): Promise<boolean> {
  return isReplay(made) && (await isOver?.(made)) === true;
}

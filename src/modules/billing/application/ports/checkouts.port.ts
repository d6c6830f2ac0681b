import type { Checkout } from './payment-gateway.port';

/** A user's wish to buy a plan, and where to go back to. */
export interface CheckoutWish {
  readonly userId: string;
  readonly planId: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

export interface NotedWish extends CheckoutWish {
  /** Names the wish at the payment side. */
  readonly operationId: string;
  /** The page, once it is open. */
  readonly url: string | null;
}

/** The one page per user where something may be bought. */
export abstract class Checkouts {
  /**
   * Notes a wish before the payment side is asked. Whoever repeats the same one within some minutes (a double click, a
   * second instance, a retry) gets the same operation, and so the same page; another wish takes its place.
   * Atomic without a surrounding unit of work.
   * @returns undefined while the page of another wish is just being opened
   */
  abstract note(wish: CheckoutWish): Promise<NotedWish | undefined>;

  /**
   * Makes sure, before anything is closed in the name of a wish, that it still is the user's, and keeps other wishes from
   * beginning for as long as opening a page may take. One that was forgotten meanwhile, because another request with the
   * same wish failed, is noted again.
   * @returns the wish, with its page when another request with the same wish has completed it; undefined when another
   * wish has taken its place
   */
  abstract renew(wish: NotedWish): Promise<NotedWish | undefined>;

  /** Notes the page of a wish. @returns false when another wish has taken its place meanwhile */
  abstract complete(wish: NotedWish, checkout: Checkout): Promise<boolean>;

  /** Forgets a wish whose page could not be opened. Another request with the same wish notes it again (`renew`). */
  abstract abandon(wish: NotedWish): Promise<void>;

  /** Forgets a user's page, because something has come of it. One that is just being opened stays. */
  abstract forget(userId: string): Promise<void>;
}

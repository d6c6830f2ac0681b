import type { Period } from './period';

/** A price that a subscription carries, and the period that is paid for it. */
export interface PaymentItem {
  readonly priceId: string;
  readonly period: Period;
}

/** A subscription as the payment side knows it now. */
export interface PaymentSubscription {
  readonly id: string;
  readonly customerId: string;
  /** The user it was bought for, as we noted on it; null when somebody made it by hand. */
  readonly userId: string | null;
  /** The payment side's own word, which may be one that we don't know. */
  readonly rawStatus: string;
  readonly items: readonly PaymentItem[];
  /** The price that follows when the period ends; null = the same again. */
  readonly nextPriceId: string | null;
  readonly createdAt: Date;
  /** When its trial began; null without one. */
  readonly trialStart: Date | null;
  /** When it ended or is to end; null = it goes on. */
  readonly endsAt: Date | null;
  /** Why it ended; null = it has not, or nobody said. */
  readonly endReason: 'requested' | 'payment-failed' | 'disputed' | null;
  /** The free plan is to follow, as we noted on it. */
  readonly freeFollows: boolean;
  /** Since when its last invoice is owed; null when nothing is. */
  readonly owedSince: Date | null;
  /** For the user to recognise: `visa 4242`; null when unknown. */
  readonly paymentMethod: string | null;
  /** A change of it was begun, and is not or was never finished: its end may be missing. */
  readonly hasUnfinishedChange?: boolean;
  /** Another price waits for its payment, and holds once that is made. */
  readonly hasOpenChange?: boolean;
}

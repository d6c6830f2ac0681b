import type { InvoiceLine, SubscriptionItem } from './wire';

/** How a card answers when it is charged. */
export type CardBehavior = 'works' | 'declines' | 'requires_action';

/** What becomes of a subscription whose retries are used up. */
export interface Dunning {
  /** How long after a failed attempt the next one comes, one entry per retry. */
  readonly retryAfterDays: readonly number[];
  readonly end: 'cancel' | 'unpaid' | 'past_due';
}

export interface Habits {
  readonly dunning: Dunning;
  /** How long the invoice of a renewal stays a draft. */
  readonly draftMinutes: number;
}

/** A subscription's items after a change, with the periods they then have, and what else changes with them. */
export interface ItemChange {
  readonly items: readonly SubscriptionItem[];
  readonly anchor: number;
  /** The trial is over with it, at the anchor. */
  readonly endsTrial?: boolean;
  readonly cancelsAtPeriodEnd?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What Stripe knows of a subscription and doesn't show. */
export interface SubscriptionNotes {
  trialEndTold: boolean;
  /** The end of the period whose renewal has been announced. */
  renewalTold: number;
  /** Prorations that wait for the next invoice. */
  waitingLines: InvoiceLine[];
  /** What happens once the open invoice of a pending update is paid. */
  pendingChange?: { readonly invoice: string; readonly change: ItemChange };
  /** The invoice whose payment ends a pause. */
  resumesWith?: string;
}

/** What a checkout session makes once it is paid. */
export interface CheckoutPlan {
  readonly items: readonly { readonly price: string; readonly quantity: number }[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly description: string | null;
  readonly trialDays?: number;
  readonly trialEnd?: number;
  readonly missingPaymentMethod: 'cancel' | 'create_invoice' | 'pause';
  readonly billingMode: 'classic' | 'flexible';
}

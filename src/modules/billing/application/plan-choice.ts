import type { Subscription } from '../domain/subscription';

/** What a user asks for. Without URLs the payment page leads back to pages of ours. */
export interface PlanChoice {
  readonly userId: string;
  readonly planId: string;
  readonly successUrl?: string | undefined;
  readonly cancelUrl?: string | undefined;
}

/** What became of it: a subscription that began or was there already, or a page where one can be bought. */
export type Subscribed =
  | { readonly kind: 'new' | 'existing'; readonly subscription: Subscription }
  | { readonly kind: 'checkout'; readonly url: string };

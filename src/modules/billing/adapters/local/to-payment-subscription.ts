import type { PaymentSubscription } from '../../domain/payment-subscription';
import type { LocalSubscription } from './local-records.schemas';

/** Nobody has any other. */
const CARD = 'visa 4242';

export function toPaymentSubscription(subscription: LocalSubscription): PaymentSubscription {
  const { id, customerId, userId, rawStatus, priceId, period, nextPriceId, createdAt } = subscription;
  const { trialStart, endsAt, endReason, freeFollows, owedSince } = subscription;
  return {
    id,
    customerId,
    userId,
    rawStatus,
    items: [{ priceId, period }],
    nextPriceId,
    createdAt,
    trialStart,
    endsAt,
    endReason,
    freeFollows,
    owedSince,
    paymentMethod: CARD,
    ...(subscription.openChange && { hasOpenChange: true }),
  };
}

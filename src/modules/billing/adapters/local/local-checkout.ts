import type { CustomerFile } from './local-customers';
import type { LocalCheckout } from './local-records.schemas';

/** Open for a while, and only as long as its customer is there. */
export function isOpen(checkout: LocalCheckout, { customer, now }: CustomerFile): boolean {
  return checkout.status === 'open' && checkout.expiresAt > now && !customer.isDeleted;
}

/** The checkout as it is to everybody now. */
export function asOfNow(checkout: LocalCheckout, file: CustomerFile): LocalCheckout {
  return checkout.status === 'open' && !isOpen(checkout, file) ? { ...checkout, status: 'closed' } : checkout;
}

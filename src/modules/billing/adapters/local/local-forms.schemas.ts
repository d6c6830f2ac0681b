import { z } from 'zod';
import { PORTAL_ACTION_NAMES } from './portal-actions';

/** What a checkout page sends. */
export const CheckoutForm = z.strictObject({ action: z.enum(['pay', 'decline']) });
export type CheckoutForm = z.infer<typeof CheckoutForm>;

/** What a customer's page sends. */
export const PortalForm = z.discriminatedUnion('action', [
  z.strictObject({ action: z.enum(['card-works', 'card-declines', 'delete']) }),
  z.strictObject({
    action: z.enum(PORTAL_ACTION_NAMES),
    subscription: z.string(),
    /** Of the subscription that the page showed. */
    revision: z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  }),
]);
export type PortalForm = z.infer<typeof PortalForm>;

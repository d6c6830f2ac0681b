import { amountsOf } from './session-amounts';
import { SESSION_DEFAULTS } from './defaults';
import type { CheckoutPlan } from './hidden';
import { type List, list, type Session, type SessionLine } from './wire';
import type { World } from '../world';

export interface NewSession {
  readonly customer: string | null;
  readonly customerEmail: string | null;
  readonly clientReferenceId: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly successUrl: string | null;
  readonly cancelUrl: string | null;
  readonly returnUrl?: string;
  readonly uiMode: string;
  readonly expiresAt: number;
  readonly collection: 'always' | 'if_required';
  readonly locale: string | null;
  readonly submitType: string | null;
  readonly allowsPromotionCodes: boolean | null;
  readonly allowedTypes: string[] | null;
}

export function newSession(world: World, session: NewSession, plan: CheckoutPlan): Session {
  const id = world.ids.next('cs_test', 58);
  const { currency, total } = amountsOf(world, plan);
  return {
    ...structuredClone(SESSION_DEFAULTS),
    id,
    object: 'checkout.session',
    allow_promotion_codes: session.allowsPromotionCodes,
    allowed_payment_method_types: session.allowedTypes,
    amount_subtotal: total,
    amount_total: total,
    billing_address_collection: null,
    cancel_url: session.cancelUrl,
    client_reference_id: session.clientReferenceId,
    created: world.now,
    currency,
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: session.customer,
    customer_creation: session.customer === null ? 'always' : null,
    customer_details: null,
    customer_email: session.customerEmail,
    expires_at: session.expiresAt,
    locale: session.locale,
    metadata: { ...session.metadata },
    mode: 'subscription',
    payment_method_collection: session.collection,
    payment_status: 'unpaid',
    status: 'open',
    submit_type: session.submitType,
    success_url: session.successUrl,
    ...(session.returnUrl !== undefined && { return_url: session.returnUrl }),
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: session.uiMode,
    url: session.uiMode === 'hosted_page' ? `${world.baseUrl}/c/pay/${id}` : null,
  };
}

/** What is bought; only sent on request. */
export function lineItemsOf(world: World, session: Session): List<SessionLine> {
  const plan = world.plans.get(session.id);
  const isTrial = session.amount_total === 0;
  const lines = (plan?.items ?? []).map(({ price: id, quantity }): SessionLine => {
    const price = world.get('price', id);
    const amount = isTrial ? 0 : (price.unit_amount ?? 0) * quantity;
    return {
      id: `li_${session.id.slice(-24)}`,
      object: 'item',
      adjustable_quantity: null,
      amount_discount: 0,
      amount_subtotal: amount,
      amount_tax: 0,
      amount_total: amount,
      currency: price.currency,
      description: world.find('product', price.product)?.name ?? null,
      metadata: {},
      price: structuredClone(price),
      quantity,
    };
  });
  return list(lines, `/v1/checkout/sessions/${session.id}/line_items`);
}

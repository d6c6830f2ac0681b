import { DAY, HOUR, MINUTE } from '../life/calendar';
import { expireSession } from '../life/checkout';
import { usablePrice } from '../life/item-changes';
import type { CheckoutPlan } from '../objects/hidden';
import { lineItemsOf, type NewSession, newSession } from '../objects/sessions';
import { choice, flag, integer, list, metadata, moment, shape, text, url, type Values } from '../protocol/params';
import { isWithin, page, PAGING } from '../protocol/pages';
import { invalid, missingParameter } from '../protocol/refusals';
import { given, merged, route, type Route } from '../protocol/route';
import type { World } from '../world';

const SHORTEST_SESSION = 30 * MINUTE;
const LONGEST_SESSION = 24 * HOUR;

const subscriptionData = shape({
  metadata,
  description: text,
  trial_period_days: integer,
  trial_end: integer,
  trial_settings: shape(
    {
      end_behavior: shape({ missing_payment_method: choice('cancel', 'create_invoice', 'pause') }, [
        'missing_payment_method',
      ]),
    },
    ['end_behavior'],
  ),
  billing_mode: shape({ type: choice('classic', 'flexible') }, ['type']),
});

const TAKES = {
  mode: choice('subscription'),
  ui_mode: choice('hosted_page', 'embedded_page', 'elements', 'form'),
  line_items: list(shape({ price: text, quantity: integer }, ['price'])),
  customer: text,
  customer_email: text,
  customer_update: shape({ address: choice('auto', 'never'), name: choice('auto', 'never') }),
  client_reference_id: text,
  metadata,
  subscription_data: subscriptionData,
  success_url: text,
  cancel_url: url,
  return_url: url,
  expires_at: integer,
  payment_method_collection: choice('always', 'if_required'),
  allowed_payment_method_types: list(text),
  excluded_payment_method_types: list(text),
  allow_promotion_codes: flag,
  billing_address_collection: choice('auto', 'required'),
  locale: text,
  submit_type: choice('auto', 'pay', 'subscribe'),
};

type SessionParams = Values<typeof TAKES, 'mode'>;

const LIST = {
  ...PAGING,
  customer: text,
  status: choice('open', 'complete', 'expired'),
  subscription: text,
  created: moment,
};

export const checkoutRoutes: readonly Route[] = [
  route(['POST', '/v1/checkout/sessions'], { takes: TAKES, needs: ['mode'] }, (world, params) => {
    checkParties(world, params);
    const plan = planOf(world, params);
    const session = newSession(world, wishOf(world, params), plan);
    world.plans.set(session.id, plan);
    return world.add('checkout.session', session);
  }),
  route(['GET', '/v1/checkout/sessions/:id'], { takes: {} }, (world, _params, id) => world.get('checkout.session', id)),
  route(['GET', '/v1/checkout/sessions/:id/line_items'], { takes: PAGING }, (world, _params, id) =>
    lineItemsOf(world, world.get('checkout.session', id)),
  ),
  route(['GET', '/v1/checkout/sessions'], { takes: LIST }, (world, params) => {
    const found = world
      .all('checkout.session')
      .filter(({ customer }) => params.customer === undefined || customer === params.customer)
      .filter(({ status }) => params.status === undefined || status === params.status)
      .filter(({ subscription }) => params.subscription === undefined || subscription === params.subscription)
      .filter(({ created }) => isWithin(created, params.created));
    return page(found, params, '/v1/checkout/sessions');
  }),
  route(['POST', '/v1/checkout/sessions/:id/expire'], { takes: {} }, (world, _params, id) => {
    const session = world.get('checkout.session', id);
    if (session.status === 'open') return expireSession(world, session);
    throw invalid(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status ?? ''}\`.`,
    );
  }),
];

function checkParties(world: World, params: SessionParams): void {
  if (params.customer !== undefined && params.customer_email !== undefined) {
    throw invalid('You may only specify one of these parameters: customer, customer_email.', 'customer');
  }
  if (params.customer !== undefined) world.customer(params.customer);
  const isHosted = (params.ui_mode ?? 'hosted_page') === 'hosted_page';
  if (isHosted && params.success_url === undefined) throw missingParameter('success_url');
  if (!isHosted && params.return_url === undefined) throw missingParameter('return_url');
}

const orNone = <Value>(value: Value | undefined): Value | null => value ?? null;

function wishOf(world: World, params: SessionParams): NewSession {
  return {
    customer: orNone(params.customer),
    customerEmail: orNone(params.customer_email),
    clientReferenceId: orNone(params.client_reference_id),
    metadata: merged(null, params.metadata),
    successUrl: orNone(params.success_url),
    cancelUrl: orNone(params.cancel_url),
    ...given({ returnUrl: params.return_url }),
    uiMode: params.ui_mode ?? 'hosted_page',
    expiresAt: expiry(world, params.expires_at),
    collection: params.payment_method_collection ?? 'always',
    locale: orNone(params.locale),
    submitType: orNone(params.submit_type),
    allowsPromotionCodes: orNone(params.allow_promotion_codes),
    allowedTypes: params.allowed_payment_method_types ? [...params.allowed_payment_method_types] : null,
  };
}

function planOf(world: World, params: SessionParams): CheckoutPlan {
  const data = params.subscription_data ?? {};
  const items = itemsOf(world, params.line_items ?? []);
  checkTrial(world, data.trial_period_days, data.trial_end);
  return {
    items,
    metadata: merged(null, data.metadata),
    description: orNone(data.description),
    ...given({ trialDays: data.trial_period_days, trialEnd: data.trial_end }),
    missingPaymentMethod: data.trial_settings?.end_behavior.missing_payment_method ?? 'create_invoice',
    billingMode: data.billing_mode?.type ?? 'flexible',
  };
}

function itemsOf(world: World, lines: NonNullable<SessionParams['line_items']>): CheckoutPlan['items'] {
  if (lines.length === 0) throw missingParameter('line_items');
  return lines.map(({ price, quantity }, position) => {
    usablePrice(world, price, `line_items[${position}][price]`);
    if (quantity === undefined) throw missingParameter(`line_items[${position}][quantity]`);
    return { price, quantity };
  });
}

function checkTrial(world: World, days: number | undefined, end: number | undefined): void {
  if (days !== undefined && end !== undefined) {
    throw invalid(
      'You may only specify one of these parameters: trial_end, trial_period_days.',
      'subscription_data[trial_period_days]',
    );
  }
  if (days !== undefined && (days < 1 || days > 730)) {
    throw invalid('The trial period must be between 1 and 730 days.', 'subscription_data[trial_period_days]');
  }
  if (end !== undefined && end < world.now + 2 * DAY) {
    throw invalid('The `trial_end` must be at least 48 hours in the future.', 'subscription_data[trial_end]');
  }
}

function expiry(world: World, wanted: number | undefined): number {
  const moment = wanted ?? world.now + LONGEST_SESSION;
  if (moment < world.now + SHORTEST_SESSION) {
    throw invalid(
      'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.',
      'expires_at',
    );
  }
  if (moment > world.now + LONGEST_SESSION) {
    throw invalid(
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.',
      'expires_at',
    );
  }
  return moment;
}

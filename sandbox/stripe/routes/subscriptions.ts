import { cancelNow } from '../life/cancelling';
import { isEnded } from '../life/ending';
import { type Opening, openSubscription } from '../life/opening';
import { pause, resume } from '../life/pausing';
import { updateSubscription } from '../life/updating';
import { DAY } from '../life/calendar';
import {
  choice,
  either,
  emptyable,
  flag,
  integer,
  list,
  metadata,
  moment,
  shape,
  text,
  type Values,
} from '../protocol/params';
import { isWithin, page, PAGING } from '../protocol/pages';
import { invalid, missing, missingParameter } from '../protocol/refusals';
import { merged, route, type Route } from '../protocol/route';
import type { World } from '../world';
import type { Customer, Subscription } from '../objects/wire';

export const PRORATIONS = choice('always_invoice', 'create_prorations', 'none');
const PAYMENTS = choice('allow_incomplete', 'default_incomplete', 'error_if_incomplete', 'pending_if_incomplete');
export const ANCHOR = shape({ type: choice('now', 'unchanged') }, ['type']);
const END_BEHAVIOR = shape(
  {
    missing_payment_method: choice('cancel', 'create_invoice', 'pause'),
    billing_cycle_anchor: choice('now', 'unchanged'),
  },
  ['missing_payment_method'],
);
const TRIAL_SETTINGS = shape({ end_behavior: END_BEHAVIOR }, ['end_behavior']);
const DETAILS = shape({ comment: emptyable(text), feedback: emptyable(text), feedback_option: text });

export const UPDATE_ITEM = shape({ id: text, price: text, quantity: integer, deleted: flag, metadata });
export const CANCEL_AT = emptyable(either(integer, choice('min_period_end', 'max_period_end', 'max_billed_until')));

const UPDATE = {
  items: list(UPDATE_ITEM),
  proration_behavior: PRORATIONS,
  proration_date: integer,
  payment_behavior: PAYMENTS,
  billing_cycle_anchor: ANCHOR,
  cancel_at: CANCEL_AT,
  cancel_at_period_end: flag,
  cancellation_details: DETAILS,
  trial_end: either(choice('now'), integer),
  trial_settings: TRIAL_SETTINGS,
  default_payment_method: text,
  description: emptyable(text),
  metadata,
  off_session: flag,
  pause_collection: emptyable(
    shape({ behavior: choice('keep_as_draft', 'mark_uncollectible', 'void'), resumes_at: integer }, ['behavior']),
  ),
};

const CREATE = {
  customer: text,
  items: list(shape({ price: text, quantity: integer, metadata }, ['price'])),
  metadata,
  description: text,
  trial_period_days: integer,
  trial_end: integer,
  trial_settings: TRIAL_SETTINGS,
  default_payment_method: text,
  payment_behavior: PAYMENTS,
  proration_behavior: PRORATIONS,
  billing_mode: shape({ type: choice('classic', 'flexible') }, ['type']),
  off_session: flag,
};

const STATUSES = choice(
  'active',
  'all',
  'canceled',
  'ended',
  'incomplete',
  'incomplete_expired',
  'past_due',
  'paused',
  'trialing',
  'unpaid',
);
const LIST = { ...PAGING, customer: text, price: text, status: STATUSES, created: moment };
const PAUSE = {
  type: choice('subscription'),
  invoicing_behavior: choice('invoice', 'pending_invoice_item'),
  bill_for: shape({
    unused_time_from: shape({ type: choice('item_current_period_start', 'none', 'now') }, ['type']),
    outstanding_usage_through: shape({ type: choice('none', 'now') }, ['type']),
  }),
};
const RESUME = {
  billing_cycle_anchor: ANCHOR,
  payment_behavior: choice('resume_on_payment_attempt', 'resume_on_payment_success'),
  proration_behavior: PRORATIONS,
  proration_date: integer,
};

export const subscriptionRoutes: readonly Route[] = [
  route(['POST', '/v1/subscriptions'], { takes: CREATE, needs: ['customer', 'items'] }, (world, params) =>
    openSubscription(world, openingOf(world, params)),
  ),
  route(['GET', '/v1/subscriptions/:id'], { takes: {} }, (world, _params, id) => world.get('subscription', id)),
  route(['POST', '/v1/subscriptions/:id'], { takes: UPDATE }, (world, params, id) =>
    updateSubscription(world, world.get('subscription', id), params),
  ),
  route(
    ['DELETE', '/v1/subscriptions/:id'],
    { takes: { invoice_now: flag, prorate: flag, cancellation_details: DETAILS } },
    (world, params, id) => {
      const subscription = world.get('subscription', id);
      if (isEnded(subscription)) throw missing('subscription', id);
      Object.assign(subscription.cancellation_details ?? {}, params.cancellation_details);
      cancelNow(world, subscription, { invoiceNow: params.invoice_now === true, prorate: params.prorate === true });
      return subscription;
    },
  ),
  route(['POST', '/v1/subscriptions/:id/pause'], { takes: PAUSE }, (world, params, id) => {
    const subscription = world.get('subscription', id);
    pause(world, subscription, params.bill_for?.unused_time_from?.type !== 'none');
    return subscription;
  }),
  route(['POST', '/v1/subscriptions/:id/resume'], { takes: RESUME }, (world, params, id) => {
    const subscription = world.get('subscription', id);
    resume(world, subscription, {
      anchor: params.billing_cycle_anchor?.type ?? 'now',
      needsPayment: params.payment_behavior === 'resume_on_payment_success',
    });
    return subscription;
  }),
  route(['GET', '/v1/subscriptions'], { takes: LIST }, (world, params) => {
    const found = world
      .all('subscription')
      .filter(({ customer }) => params.customer === undefined || customer === params.customer)
      .filter(({ items }) => params.price === undefined || items.data.some(({ price }) => price.id === params.price))
      .filter((subscription) => hasStatus(subscription, params.status))
      .filter(({ created }) => isWithin(created, params.created));
    return page(found, params, '/v1/subscriptions');
  }),
];

function openingOf(world: World, params: Values<typeof CREATE, 'customer' | 'items'>): Opening {
  const customer = world.customer(params.customer);
  if (params.items.length === 0) throw missingParameter('items');
  const waits = params.payment_behavior === 'default_incomplete';
  return {
    customer,
    items: params.items.map(({ price, quantity }) => ({ price, quantity: quantity ?? 1 })),
    metadata: merged(null, params.metadata),
    description: params.description ?? null,
    ...payingOf(world, customer, params),
    missingPaymentMethod: params.trial_settings?.end_behavior.missing_payment_method ?? 'create_invoice',
    billingMode: params.billing_mode?.type ?? 'flexible',
    payment: waits ? 'wait' : 'charge',
  };
}

/** @throws Refusal where something is to be paid and there is nothing to pay it with */
function payingOf(
  world: World,
  customer: Customer,
  params: Values<typeof CREATE, 'customer' | 'items'>,
): Pick<Opening, 'paymentMethod' | 'trialEnd'> {
  const { default_payment_method: method, trial_period_days: days } = params;
  if (method !== undefined) world.get('payment_method', method, 'default_payment_method');
  const trialEnd = params.trial_end ?? (days === undefined ? null : world.now + days * DAY);
  const payable = method ?? customer.invoice_settings.default_payment_method;
  const waits = params.payment_behavior === 'default_incomplete';
  if (payable === null && trialEnd === null && !waits) throw noMethod();
  return { paymentMethod: method ?? null, trialEnd };
}

const noMethod = (): ReturnType<typeof invalid> =>
  invalid(
    'This customer has no attached payment source or default payment method. Please add one first.',
    undefined,
    'resource_missing',
  );

/** Without a status, canceled ones are left out. */
function hasStatus(subscription: Subscription, wanted: string | undefined): boolean {
  if (wanted === 'all') return true;
  if (wanted === 'ended') return isEnded(subscription);
  return wanted === undefined ? subscription.status !== 'canceled' : subscription.status === wanted;
}

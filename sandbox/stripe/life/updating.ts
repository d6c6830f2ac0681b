import type { Subscription } from '../objects/wire';
import { invalid } from '../protocol/refusals';
import { given, merged, orNull } from '../protocol/route';
import type { World } from '../world';
import { type CancelAt, planEnd } from './cancelling';
import { changeItems, type PaymentBehavior, type ProrationBehavior } from './changing';
import { isEnded } from './ending';
import { type ItemParams, type WorkedOut, workOut } from './item-changes';
import { firstPeriodOf } from './opening';
import { finalizeAndCollect, endTrial } from './renewing';
import { followDirectEdit } from './scheduling';

export interface UpdateParams {
  readonly items?: readonly ItemParams[];
  readonly proration_behavior?: ProrationBehavior;
  readonly proration_date?: number;
  readonly payment_behavior?: PaymentBehavior;
  readonly billing_cycle_anchor?: { readonly type: 'now' | 'unchanged' };
  readonly cancel_at?: CancelAt;
  readonly cancel_at_period_end?: boolean;
  readonly cancellation_details?: Readonly<Record<string, string | undefined>>;
  readonly trial_end?: 'now' | number;
  readonly trial_settings?: { readonly end_behavior: { readonly missing_payment_method: string } };
  readonly default_payment_method?: string;
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, string>> | '';
  readonly pause_collection?: '' | { readonly behavior: string; readonly resumes_at?: number };
}

/** What may be sent along with a change that waits for its payment. */
const PENDABLE = new Set([
  'items',
  'proration_behavior',
  'proration_date',
  'payment_behavior',
  'billing_cycle_anchor',
  'cancel_at_period_end',
  'trial_end',
  'trial_from_plan',
  'discounts',
  'metadata',
  'off_session',
]);
const AFTER_THE_END = new Set(['metadata', 'cancellation_details']);

/** @throws Refusal for what doesn't go together, and for a card that declines where that is to be an error */
export function updateSubscription(world: World, subscription: Subscription, params: UpdateParams): Subscription {
  check(world, subscription, params);
  const workedOut = changeOf(world, subscription, params);
  const isPending = params.payment_behavior === 'pending_if_incomplete' && workedOut !== undefined;
  if (!isPending) editFields(world, subscription, params);
  if (workedOut !== undefined) {
    changeItems(world, subscription, isPending ? withFields(subscription, workedOut, params) : workedOut, {
      proration: params.proration_behavior ?? 'create_prorations',
      payment: params.payment_behavior ?? 'allow_incomplete',
      ...given({ prorationDate: params.proration_date }),
    });
    followDirectEdit(world, subscription);
  }
  if (params.trial_end !== undefined && workedOut?.change.endsTrial !== true) {
    changeTrial(world, subscription, params.trial_end);
  }
  return subscription;
}

function check(world: World, subscription: Subscription, params: UpdateParams): void {
  const names = Object.keys(params);
  if (isEnded(subscription) && names.some((name) => !AFTER_THE_END.has(name))) {
    throw invalid('A canceled subscription can only update its cancellation_details and metadata.');
  }
  if (params.payment_behavior === 'pending_if_incomplete') {
    const other = names.find((name) => !PENDABLE.has(name));
    if (other !== undefined) {
      throw invalid(`\`${other}\` cannot be updated when \`payment_behavior\` is \`pending_if_incomplete\`.`, other);
    }
  }
  const cancels = params.cancel_at !== undefined || params.cancel_at_period_end !== undefined;
  if (cancels && subscription.schedule !== null) {
    throw invalid(
      `The subscription is managed by the subscription schedule \`${subscription.schedule}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`,
    );
  }
  checkPairs(world, subscription, params);
}

function checkPairs(world: World, subscription: Subscription, params: UpdateParams): void {
  if (params.cancel_at !== undefined && params.cancel_at_period_end !== undefined) {
    throw invalid('You may only specify one of these parameters: cancel_at, cancel_at_period_end.', 'cancel_at');
  }
  const { proration_date: date, default_payment_method: method } = params;
  const { start, end } = firstPeriodOf(subscription);
  if (date !== undefined && (date < start || date > end)) {
    throw invalid('The `proration_date` must be within the current billing period.', 'proration_date');
  }
  if (
    method !== undefined &&
    world.get('payment_method', method, 'default_payment_method').customer !== subscription.customer
  ) {
    throw invalid('The payment method does not belong to the customer.', 'default_payment_method');
  }
}

function changeOf(world: World, subscription: Subscription, params: UpdateParams): WorkedOut | undefined {
  const resetsAnchor = params.billing_cycle_anchor?.type === 'now';
  const isPending = params.payment_behavior === 'pending_if_incomplete';
  const endsTrial = params.trial_end === 'now' && subscription.status === 'trialing';
  if (params.items === undefined && !resetsAnchor && !(endsTrial && isPending)) return undefined;
  return workOut(world, subscription, {
    ...given({ items: params.items, prorationDate: params.proration_date }),
    prorates: params.proration_behavior !== 'none',
    resetsAnchor,
    endsTrial,
  });
}

function withFields(subscription: Subscription, workedOut: WorkedOut, params: UpdateParams): WorkedOut {
  return {
    ...workedOut,
    change: {
      ...workedOut.change,
      ...given({
        cancelsAtPeriodEnd: params.cancel_at_period_end,
        metadata: params.metadata === undefined ? undefined : merged(subscription.metadata, params.metadata),
      }),
    },
  };
}

function editFields(world: World, subscription: Subscription, params: UpdateParams): void {
  world.change(subscription, 'customer.subscription.updated', () => {
    planEnd(world, subscription, given({ at: params.cancel_at, atPeriodEnd: params.cancel_at_period_end }));
    subscription.metadata = merged(subscription.metadata, params.metadata);
    if (params.description !== undefined) subscription.description = orNull(params.description);
    if (params.default_payment_method !== undefined)
      subscription.default_payment_method = params.default_payment_method;
    editDetails(subscription, params);
    if (params.pause_collection !== undefined) subscription.pause_collection = collectionPause(params.pause_collection);
  });
}

function editDetails(subscription: Subscription, params: UpdateParams): void {
  Object.assign(subscription.cancellation_details ?? {}, params.cancellation_details);
  if (params.trial_settings === undefined) return;
  const { missing_payment_method } = params.trial_settings.end_behavior;
  subscription.trial_settings = { end_behavior: { billing_cycle_anchor: null, missing_payment_method } };
}

function collectionPause(wanted: NonNullable<UpdateParams['pause_collection']>): Subscription['pause_collection'] {
  return wanted === '' ? null : { behavior: wanted.behavior, resumes_at: wanted.resumes_at ?? null };
}

/** Ends a trial at once as it is, which is billed at once; or gives one until the moment, which becomes the anchor. */
function changeTrial(world: World, subscription: Subscription, end: 'now' | number): void {
  if (end === 'now') {
    if (subscription.status !== 'trialing') return;
    subscription.trial_end = world.now;
    endTrial(world, subscription);
    const invoice = world.find('invoice', subscription.latest_invoice);
    if (invoice?.status === 'draft') finalizeAndCollect(world, invoice);
    return;
  }
  if (end <= world.now) throw invalid('The `trial_end` must be in the future.', 'trial_end');
  world.change(subscription, 'customer.subscription.updated', () => {
    subscription.trial_start ??= world.now;
    subscription.trial_end = end;
    subscription.status = 'trialing';
    subscription.billing_cycle_anchor = end;
    for (const item of subscription.items.data) item.current_period_end = end;
  });
}

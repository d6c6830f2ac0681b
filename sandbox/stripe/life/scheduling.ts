import { PHASE_DEFAULTS, SCHEDULE_DEFAULTS } from '../objects/defaults';
import type { Phase, Price, Schedule, Subscription } from '../objects/wire';
import { invalid } from '../protocol/refusals';
import type { World } from '../world';
import { changeItems, type ProrationBehavior } from './changing';
import { endSubscription } from './ending';
import { type ItemParams, workOut } from './item-changes';
import { firstPeriodOf } from './opening';

/** A schedule that begins with the subscription as it is. @throws Refusal where there is one already */
export function scheduleFrom(world: World, subscription: Subscription, metadata: Record<string, string>): Schedule {
  if (subscription.schedule !== null) {
    throw invalid(
      `You cannot migrate a subscription that is already attached to a schedule: \`${subscription.schedule}\`.`,
      'from_subscription',
    );
  }
  const { start, end } = firstPeriodOf(subscription);
  const schedule: Schedule = {
    ...structuredClone(SCHEDULE_DEFAULTS),
    id: world.ids.next('sub_sched', 24),
    object: 'subscription_schedule',
    billing_mode: subscription.billing_mode,
    created: world.now,
    current_phase: { start_date: start, end_date: end },
    customer: subscription.customer,
    metadata,
    phases: [newPhase(subscription, { start, end, items: itemsOf(subscription), proration: 'create_prorations' })],
    status: 'active',
    subscription: subscription.id,
  };
  world.add('subscription_schedule', schedule, 'subscription_schedule.created');
  world.change(subscription, 'customer.subscription.updated', () => (subscription.schedule = schedule.id));
  return schedule;
}

export interface PhasePlan {
  readonly start: number;
  readonly end: number;
  readonly items: readonly { readonly price: Price; readonly quantity: number }[];
  readonly proration: ProrationBehavior;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Absent: as the subscription has it. */
  readonly trialEnd?: number | null;
}

export function newPhase(subscription: Subscription, plan: PhasePlan): Phase {
  return {
    ...structuredClone(PHASE_DEFAULTS),
    currency: subscription.currency,
    end_date: plan.end,
    items: plan.items.map(({ price, quantity }) => ({
      billing_thresholds: null,
      discounts: [],
      metadata: {},
      plan: price.id,
      price: price.id,
      quantity,
      tax_rates: [],
    })),
    metadata: { ...plan.metadata },
    proration_behavior: plan.proration,
    start_date: plan.start,
    trial_end: plan.trialEnd === undefined ? runningTrialOf(subscription) : plan.trialEnd,
  };
}

const runningTrialOf = (subscription: Subscription): number | null =>
  subscription.status === 'trialing' ? subscription.trial_end : null;

export const itemsOf = (subscription: Subscription): readonly { price: Price; quantity: number }[] =>
  subscription.items.data.map(({ price, quantity }) => ({ price, quantity: quantity ?? 1 }));

/** New phases; the one that runs takes effect at once where it differs from the subscription. */
export function replan(world: World, schedule: Schedule, phases: readonly Phase[], end: string | undefined): void {
  const current = phases.find(({ start_date, end_date }) => start_date <= world.now && world.now < end_date);
  world.change(schedule, 'subscription_schedule.updated', () => {
    schedule.phases = [...phases];
    if (end !== undefined) schedule.end_behavior = end;
    schedule.current_phase = current ? { start_date: current.start_date, end_date: current.end_date } : null;
  });
  if (current !== undefined) enterPhase(world, schedule, current);
}

/** The running phase has ended: the next one begins, or the schedule is done. */
export function turnPhase(world: World, schedule: Schedule): void {
  const end = schedule.current_phase?.end_date;
  const next = schedule.phases.find((phase) => phase.start_date === end);
  if (next === undefined) {
    finish(world, schedule);
    return;
  }
  world.change(schedule, 'subscription_schedule.updated', () => {
    schedule.current_phase = { start_date: next.start_date, end_date: next.end_date };
  });
  enterPhase(world, schedule, next);
}

function enterPhase(world: World, schedule: Schedule, phase: Phase): void {
  const subscription = world.find('subscription', schedule.subscription);
  if (subscription === undefined || isAlready(subscription, phase)) return;
  const proration = phase.proration_behavior as ProrationBehavior;
  const wish = { items: itemParams(subscription, phase), prorates: proration !== 'none' };
  const isBoundary = firstPeriodOf(subscription).end <= world.now;
  changeItems(world, subscription, workOut(world, subscription, wish), {
    proration,
    payment: 'allow_incomplete',
    waitsAsDraft: isBoundary,
  });
}

const isAlready = (subscription: Subscription, phase: Phase): boolean =>
  subscription.items.data.length === phase.items.length &&
  phase.items.every((wanted, position) => {
    const item = subscription.items.data[position];
    return item?.price.id === wanted.price && item.quantity === (wanted.quantity ?? 1);
  });

/** Items keep their ids by position; what the phase doesn't have goes. */
function itemParams(subscription: Subscription, phase: Phase): readonly ItemParams[] {
  const items = subscription.items.data;
  const wanted = phase.items.map(({ price, quantity }, position): ItemParams => {
    const id = items[position]?.id;
    return { price, quantity: quantity ?? 1, ...(id !== undefined && { id }) };
  });
  return [...wanted, ...items.slice(wanted.length).map(({ id }) => ({ id, deleted: true }))];
}

function finish(world: World, schedule: Schedule): void {
  const subscription = world.find('subscription', schedule.subscription);
  if (schedule.end_behavior === 'cancel') {
    world.change(schedule, undefined, () => {
      schedule.status = 'completed';
      schedule.completed_at = world.now;
      schedule.current_phase = null;
    });
    world.tell('subscription_schedule.completed', schedule);
    if (subscription !== undefined) {
      subscription.schedule = null;
      endSubscription(world, subscription, 'cancellation_requested');
    }
    return;
  }
  release(world, schedule);
}

/** The subscription goes on as it is, and is nobody's but its own. */
export function release(world: World, schedule: Schedule): void {
  const subscription = world.find('subscription', schedule.subscription);
  schedule.status = 'released';
  schedule.released_at = world.now;
  schedule.released_subscription = schedule.subscription;
  schedule.subscription = null;
  schedule.current_phase = null;
  world.tell('subscription_schedule.released', schedule);
  if (subscription === undefined) return;
  world.change(subscription, 'customer.subscription.updated', () => (subscription.schedule = null));
}

/** A direct edit of the subscription's items edits the running phase; the next phase comes all the same. */
export function followDirectEdit(world: World, subscription: Subscription): void {
  const schedule = world.find('subscription_schedule', subscription.schedule);
  const current = schedule?.phases.find((phase) => phase.start_date === schedule.current_phase?.start_date);
  if (schedule === undefined || current === undefined) return;
  world.change(schedule, 'subscription_schedule.updated', () => {
    const { start_date: start, end_date: end } = current;
    current.items = newPhase(subscription, { start, end, items: itemsOf(subscription), proration: 'none' }).items;
  });
}

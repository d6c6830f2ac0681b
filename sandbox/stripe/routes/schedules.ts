import { cancelNow } from '../life/cancelling';
import { periodAround } from '../life/calendar';
import type { ProrationBehavior } from '../life/changing';
import { recurrenceOf, usablePrice } from '../life/item-changes';
import { newPhase, release, replan, scheduleFrom } from '../life/scheduling';
import type { Phase, Price, Schedule, Subscription } from '../objects/wire';
import { choice, either, flag, integer, list, metadata, shape, text, type Values } from '../protocol/params';
import { page, PAGING } from '../protocol/pages';
import { invalid, missingParameter } from '../protocol/refusals';
import { merged, route, type Route } from '../protocol/route';
import type { World } from '../world';

const PRORATIONS = choice('always_invoice', 'create_prorations', 'none');
const END = choice('cancel', 'none', 'release', 'renew');
const PHASE_RULES = {
  items: list(shape({ price: text, quantity: integer, metadata }, ['price'])),
  start_date: either(choice('now'), integer),
  end_date: either(choice('now'), integer),
  duration: shape({ interval: choice('day', 'week', 'month', 'year'), interval_count: integer }, ['interval']),
  proration_behavior: PRORATIONS,
  trial_end: either(choice('now'), integer),
  metadata,
};
const PHASE = shape(PHASE_RULES, ['items']);
type PhaseParams = Values<typeof PHASE_RULES, 'items'>;

const CREATE = { from_subscription: text, metadata };
const UPDATE = { phases: list(PHASE), end_behavior: END, proration_behavior: PRORATIONS, metadata };

export const scheduleRoutes: readonly Route[] = [
  route(['POST', '/v1/subscription_schedules'], { takes: CREATE, needs: ['from_subscription'] }, (world, params) => {
    const subscription = world.get('subscription', params.from_subscription, 'from_subscription');
    return scheduleFrom(world, subscription, merged(null, params.metadata));
  }),
  route(['GET', '/v1/subscription_schedules/:id'], { takes: {} }, (world, _params, id) =>
    world.get('subscription_schedule', id),
  ),
  route(['POST', '/v1/subscription_schedules/:id'], { takes: UPDATE }, (world, params, id) => {
    const schedule = running(world, id, 'update');
    const phases =
      params.phases === undefined
        ? schedule.phases
        : phasesOf(world, schedule, params.phases, params.proration_behavior);
    schedule.metadata = merged(schedule.metadata, params.metadata);
    replan(world, schedule, phases, params.end_behavior);
    return schedule;
  }),
  route(
    ['POST', '/v1/subscription_schedules/:id/release'],
    { takes: { preserve_cancel_date: flag } },
    (world, _params, id) => {
      const schedule = running(world, id, 'release');
      release(world, schedule);
      return schedule;
    },
  ),
  route(
    ['POST', '/v1/subscription_schedules/:id/cancel'],
    { takes: { invoice_now: flag, prorate: flag } },
    (world, params, id) => {
      const schedule = running(world, id, 'cancel');
      const subscription = subscriptionOf(world, schedule);
      cancelNow(world, subscription, { invoiceNow: params.invoice_now !== false, prorate: params.prorate !== false });
      return schedule;
    },
  ),
  route(
    ['GET', '/v1/subscription_schedules'],
    { takes: { ...PAGING, customer: text, scheduled: flag } },
    (world, params) => {
      const theirs = world
        .all('subscription_schedule')
        .filter(({ customer }) => params.customer === undefined || customer === params.customer);
      return page(theirs, params, '/v1/subscription_schedules');
    },
  ),
];

function running(world: World, id: string, verb: string): Schedule {
  const schedule = world.get('subscription_schedule', id);
  if (schedule.status === 'active') return schedule;
  throw invalid(`You cannot ${verb} a subscription schedule that is currently in the \`${schedule.status}\` status.`);
}

function subscriptionOf(world: World, schedule: Schedule): Subscription {
  return world.get('subscription', schedule.subscription ?? '');
}

/** Phases follow each other without gaps; the first is the one that runs, and keeps its beginning. */
function phasesOf(
  world: World,
  schedule: Schedule,
  params: readonly PhaseParams[],
  fallback: ProrationBehavior | undefined,
): readonly Phase[] {
  const subscription = subscriptionOf(world, schedule);
  const phases: Phase[] = [];
  for (const [position, phase] of params.entries()) {
    const path = `phases[${position}]`;
    const start = startOf(world, schedule, { phase, path, before: phases.at(-1) });
    const items = phase.items.map(({ price, quantity }, index) => ({
      price: usablePrice(world, price, `${path}[items][${index}][price]`),
      quantity: quantity ?? 1,
    }));
    const end = endOf(world, { phase, path, start, isLast: position === params.length - 1 }, items[0]?.price);
    const proration = phase.proration_behavior ?? fallback ?? 'create_prorations';
    const trialEnd = trialEndOf(subscription, { phase, path, isCurrent: position === 0 });
    phases.push(
      newPhase(subscription, { start, end, items, proration, trialEnd, metadata: merged(null, phase.metadata) }),
    );
  }
  if (phases.length === 0) throw missingParameter('phases');
  return phases;
}

interface Trial {
  readonly phase: PhaseParams;
  readonly path: string;
  readonly isCurrent: boolean;
}

/** Stripe would end the trial of a running phase that comes back without it; here that is a mistake. */
function trialEndOf(subscription: Subscription, { phase, path, isCurrent }: Trial): number | null {
  if (typeof phase.trial_end === 'number') return phase.trial_end;
  if (isCurrent && subscription.status === 'trialing') throw missingParameter(`${path}[trial_end]`);
  return null;
}

interface Beginning {
  readonly phase: PhaseParams;
  readonly path: string;
  readonly before: Phase | undefined;
}

function startOf(world: World, schedule: Schedule, { phase, path, before }: Beginning): number {
  const param = `${path}[start_date]`;
  const wanted = phase.start_date === 'now' ? world.now : phase.start_date;
  if (before !== undefined) {
    if (wanted === undefined || wanted === before.end_date) return before.end_date;
    throw invalid('The `start_date` of a phase must be the `end_date` of the one before.', param);
  }
  if (wanted === undefined) throw missingParameter(param);
  if (wanted !== schedule.current_phase?.start_date) {
    throw invalid('You can not modify the start date of the current phase.', param);
  }
  return wanted;
}

interface Ending {
  readonly phase: PhaseParams;
  readonly path: string;
  readonly start: number;
  readonly isLast: boolean;
}

function endOf(world: World, { phase, path, start, isLast }: Ending, price: Price | undefined): number {
  const { duration, end_date: end } = phase;
  if (duration !== undefined && end !== undefined) {
    throw invalid('You may only specify one of these parameters: duration, end_date.', `${path}[end_date]`);
  }
  if (end !== undefined) {
    const moment = end === 'now' ? world.now : end;
    if (moment > start) return moment;
    throw invalid('The `end_date` must be after the `start_date`.', `${path}[end_date]`);
  }
  if (duration !== undefined) {
    return periodAround(start, { interval: duration.interval, interval_count: duration.interval_count ?? 1 }, start)
      .end;
  }
  if (!isLast || price === undefined) throw missingParameter(`${path}[end_date]`);
  return periodAround(start, recurrenceOf(price), start).end;
}

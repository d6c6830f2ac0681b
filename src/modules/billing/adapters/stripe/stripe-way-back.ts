import { Logger } from '@nestjs/common';
import type Stripe from 'stripe';
import { noteTakenBack, TAKEN_BACK, type TakenBack, takenBack } from './interrupted-change';
import { phasesAgain } from './schedule-phases';
import { isRefused } from './stripe-errors';
import type { StripePrices } from './stripe-prices';
import { expanded, idOf } from './to-payment-subscription';

type Subscription = Stripe.Subscription;
type Schedule = Stripe.SubscriptionSchedule;
/** Where a subscription notes whose cancellation was put back, and how often: `<operation>#<times>`. */
const NOTE = 'put_back';
/** Longer than all requests of a change may take: whoever began one is no longer at it. */
const INTERRUPTED_AFTER_MS = 600_000;
const logger = new Logger('Stripe');

/**
 * Puts back what a change had to clear out of its way, when the change itself then failed: Stripe refuses to touch a
 * cancellation while there is a schedule, so neither can wait until the other is settled. The best that can be done:
 * what fails here is logged, and the failure of the change is what the caller hears of.
 */
export class StripeWayBack {
  constructor(
    private readonly stripe: Stripe,
    private readonly prices: StripePrices,
  ) {}

  /** What will come by schedule, to be read before it lets go. */
  async planOf({ schedule }: Subscription): Promise<Schedule | undefined> {
    return schedule === null ? undefined : this.stripe.subscriptionSchedules.retrieve(idOf(schedule));
  }

  /** Does nothing where the change has happened after all, or somebody has planned something else meanwhile. */
  async putBackPlan(id: string, plan: Schedule | undefined, hasChanged: (now: Subscription) => boolean): Promise<void> {
    if (plan === undefined) return;
    await attempt(`the plan of ${id}`, async () => {
      const now = await this.stripe.subscriptions.retrieve(id);
      if (now.ended_at !== null || now.schedule !== null || isEnding(now) || hasChanged(now)) return;
      const fresh = await this.stripe.subscriptionSchedules.create({ from_subscription: id });
      const phases = phasesAgain(plan, fresh);
      await this.prices.withPhases(phases, () =>
        this.stripe.subscriptionSchedules.update(fresh.id, {
          end_behavior: plan.end_behavior,
          metadata: plan.metadata ?? {},
          phases,
        }),
      );
    });
  }

  /** Whoever wanted to leave leaves, even where the failed change has made a schedule. */
  async putBackCancellation(before: Subscription, operationId: string): Promise<void> {
    if (!isEnding(before) || before.schedule !== null) return;
    await attempt(`the cancellation of ${before.id}`, async () => {
      const now = await this.stripe.subscriptions.retrieve(before.id);
      if (now.ended_at !== null) return;
      if (now.schedule !== null) await this.release(now.id, idOf(now.schedule));
      else if (isEnding(now)) return this.eraseNote(now.id);
      await this.stripe.subscriptions.update(before.id, {
        ...(before.cancel_at_period_end || before.cancel_at === null
          ? { cancel_at_period_end: true }
          : { cancel_at: before.cancel_at }),
        metadata: {
          free_follows: before.metadata['free_follows'] ?? '',
          [TAKEN_BACK]: '',
          [NOTE]: `${operationId}#${timesPutBack(before, operationId) + 1}`,
        },
      });
    });
  }

  /** Before it is taken back, so that whoever dies afterwards has left a note, and not in the keyed request itself. */
  async noteCancellation(before: Subscription): Promise<void> {
    await this.stripe.subscriptions.update(before.id, { metadata: { [TAKEN_BACK]: noteTakenBack(before) } });
  }

  /** What was to come has been planned, and a note that stays behind is seen to be outdated by that. */
  async forgetCancellation(id: string): Promise<void> {
    await attempt(`the note about the cancellation of ${id}`, () => this.eraseNote(id));
  }

  /** Of one that has a plan, or an end, only the note was left behind. */
  async finishInterrupted(id: string): Promise<void> {
    const now = await this.stripe.subscriptions.retrieve(id, { expand: ['schedule'] });
    const note = interrupted(now);
    if (note === undefined || now.ended_at !== null) return;
    const schedule = expanded(now.schedule);
    if (isEnding(now) || (schedule !== undefined && hasMoreToCome(schedule))) {
      await this.eraseNote(id);
      return;
    }
    if (schedule !== undefined) await this.release(id, schedule.id);
    await this.cancelAgain(id, note);
    logger.warn(`A change of ${id} was interrupted half way: the cancellation that it had taken back is there again`);
  }

  /** A note of somebody who may still be at it stays. */
  async forgetInterrupted(id: string): Promise<void> {
    const now = await this.stripe.subscriptions.retrieve(id);
    if (now.ended_at === null && interrupted(now)) await this.eraseNote(id);
  }

  /** The day that was set may have come meanwhile, and Stripe lets nothing end in the past. */
  private async cancelAgain(id: string, { cancelAt, freeFollows }: TakenBack): Promise<void> {
    const metadata = { free_follows: freeFollows, [TAKEN_BACK]: '' };
    try {
      const end = cancelAt === null ? { cancel_at_period_end: true } : { cancel_at: cancelAt };
      await this.stripe.subscriptions.update(id, { ...end, metadata });
    } catch (error) {
      if (cancelAt === null || !isRefused(error)) throw error;
      await this.stripe.subscriptions.update(id, { cancel_at_period_end: true, metadata });
    }
  }

  private async eraseNote(id: string): Promise<void> {
    await this.stripe.subscriptions.update(id, { metadata: { [TAKEN_BACK]: '' } });
  }

  private async release(id: string, scheduleId: string): Promise<void> {
    try {
      await this.stripe.subscriptionSchedules.release(scheduleId);
    } catch (error) {
      // It may have let go although the answer was bad.
      if ((await this.stripe.subscriptions.retrieve(id)).schedule !== null) throw error;
    }
  }
}

/** What the steps' keys begin with: those of an attempt that was undone would only bring its answers again. */
export function attemptOf(before: Subscription, operationId: string): string {
  const times = timesPutBack(before, operationId);
  return times === 0 ? operationId : `${operationId}:again-${times}`;
}

/** The note of somebody who is no longer at it. */
function interrupted(subscription: Subscription): TakenBack | undefined {
  const note = takenBack(subscription);
  return note && Date.now() - note.at.getTime() >= INTERRUPTED_AFTER_MS ? note : undefined;
}

function hasMoreToCome({ phases, current_phase }: Schedule): boolean {
  return phases.some(({ start_date }) => start_date >= (current_phase?.end_date ?? 0));
}

export function isEnding({ cancel_at_period_end, cancel_at }: Subscription): boolean {
  return cancel_at_period_end || cancel_at !== null;
}

function timesPutBack({ metadata }: Subscription, operationId: string): number {
  const [operation, times] = (metadata[NOTE] ?? '').split('#');
  return operation === operationId ? Number(times) : 0;
}

async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown';
    logger.warn(`A change failed, and ${what} could not be put back (${reason}): look after it in the dashboard`);
  }
}

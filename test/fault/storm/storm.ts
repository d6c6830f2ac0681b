import { waitFor } from '../../support/wait-for';
import { AGEING } from './ageing';
import { bringAbout } from './events';
import type { Caps, Step } from './plan';
import { type QueuedCall, queueCalls } from './queueing';
import type { StormWorld } from './storm-world';
import { isAllOver, UNSETTLED } from './unsettled';

/**
 * A step goes on when few calls are left, or after a moment: a storm does not wait for better weather. It does wait for
 * a while when so many are left that a slow machine would only pile them up. Both in calls for each slot.
 */
const FEW = { perSlot: 1, waitMs: 1_000 };
const MANY = { perSlot: 7, waitMs: 10_000 };
/** What is left when the storm is over gets less all the time; nothing for so long means that something is stuck. */
const STUCK_MS = 90_000;
/** Between a call's placement and the cancellation of a held one. */
const HELD_STEPS = 2;

/** What the users did and were told. */
export interface StormStory {
  readonly queued: readonly QueuedCall[];
  /** Numbers whose calls were canceled while they waited, by the first answer. */
  readonly canceledWaiting: readonly string[];
  readonly cancellations: number;
}

/** Drives a plan through a world: queues, cancels, and lets happen what is planned, then waits until all is over. */
export class Storm {
  private readonly queued: QueuedCall[] = [];
  private readonly canceledWaiting: string[] = [];
  private cancellations = 0;
  /** Requests that wait for an answer while the storm goes on. */
  private readonly underWay: Promise<unknown>[] = [];

  constructor(
    private readonly world: StormWorld,
    private readonly steps: readonly Step[],
    private readonly caps: Caps,
  ) {}

  async rage(): Promise<void> {
    for (const [index, step] of this.steps.entries()) {
      await this.orderFaults(step);
      const calls = this.queue(step, index);
      for (const event of step.events) await bringAbout(this.world, event);
      await this.age();
      await this.pace(calls);
    }
    await Promise.all(this.underWay);
  }

  /** Ends every fault and waits until each call has ended, each slot is free and each reservation is settled. */
  async settle(): Promise<StormStory> {
    const { world } = this;
    for (const vendor of world.vendors) {
      await vendor.comeBack();
      await vendor.withdrawOrders();
    }
    await world.fleet.settle();
    await world.client.admin('POST', '/v1/admin/queue/resume');
    for (const [index, id] of world.providerIds.entries())
      await world.client.admin('PATCH', `/v1/admin/providers/${id}`, { concurrencyLimit: this.caps[index] });
    await this.cancelHeld(this.queued);
    await this.untilSettled();
    const isQuiet = async () =>
      (await Promise.all(world.vendors.map((vendor) => vendor.unfinished()))).every((n) => n === 0);
    await waitFor(isQuiet, 'every webhook is taken or given up', STUCK_MS);
    return { queued: this.queued, canceledWaiting: this.canceledWaiting, cancellations: this.cancellations };
  }

  private async orderFaults({ calls }: Step): Promise<void> {
    for (const [index, vendor] of this.world.vendors.entries()) {
      const faults = calls.flatMap((call) => call.faults.filter((fault) => fault.vendor === index));
      if (faults.length > 0) await vendor.order(faults.map(({ order }) => order));
    }
  }

  private queue({ calls }: Step, index: number): Promise<unknown> {
    const queueing = queueCalls(this.world, calls).then(async (queued) => {
      this.queued.push(...queued);
      await Promise.all(queued.filter(isCanceledSoon).map((call) => this.cancel(call)));
    });
    this.underWay.push(queueing);
    // A step's requests that nobody could answer yet hold up nothing; their failure is the storm's at its end.
    queueing.catch(() => undefined);
    if (index % HELD_STEPS === 0) {
      const canceling = this.cancelHeld([...this.queued]);
      canceling.catch(() => undefined);
      this.underWay.push(canceling);
    }
    return queueing;
  }

  private readonly hasCanceled = new Set<string>();

  private async cancelHeld(queued: readonly QueuedCall[]): Promise<void> {
    await Promise.all(queued.filter(({ plan }) => plan.cancel === 'held').map((call) => this.cancel(call)));
  }

  private async cancel({ plan, id }: QueuedCall): Promise<void> {
    if (id === undefined || this.hasCanceled.has(id)) return;
    this.hasCanceled.add(id);
    this.cancellations += 1;
    const { token } = this.world.users[plan.user]!;
    const answer = await this.world.client.insist('POST', `/v1/calls/${id}/cancel`, { token });
    if (![200, 202, 409].includes(answer.status)) throw new Error(`Canceling was answered ${answer.status}`);
    if (answer.status === 200 && answer.isFirst) this.canceledWaiting.push(plan.number);
  }

  private async pace(calls: Promise<unknown>): Promise<void> {
    const slots = this.caps[0] + this.caps[1];
    for (const { perSlot, waitMs } of [FEW, MANY]) {
      const isDone = async () => (await this.unsettled()) <= perSlot * slots;
      const ofStep = perSlot === FEW.perSlot ? calls : Promise.resolve();
      await waitFor(() => ofStep.then(isDone), 'calls are over', waitMs).catch(() => undefined);
    }
  }

  private async unsettled(): Promise<number> {
    return (await this.world.database.query(UNSETTLED)).length;
  }

  private async age(): Promise<void> {
    for (const statement of AGEING) await this.world.database.insist(statement);
  }

  private async untilSettled(): Promise<void> {
    for (let left = Infinity; left > 0;) {
      const before = left;
      const hasMoved = async () => (await this.isSettled()) || (left = await this.unsettled()) < before;
      await waitFor(hasMoved, 'calls end', STUCK_MS).catch(async (error: unknown) => {
        throw new Error(`Not settled: ${JSON.stringify(await this.leftOver())}`, { cause: error });
      });
      if (await this.isSettled()) left = 0;
    }
  }

  private async isSettled(): Promise<boolean> {
    const { client, database, providerIds, vendors } = this.world;
    await this.age();
    const paused = await database.query(`select from call_service_providers
      where paused_until > clock_timestamp() or lowered_limit is not null or health <> 'closed'`);
    if (paused.length > 0) for (const id of providerIds) await client.admin('POST', `/v1/admin/providers/${id}/resume`);
    // Whoever holds a call whose cancellation came too early holds it for ever.
    for (const vendor of vendors) await vendor.release();
    return isAllOver(database);
  }

  /** What the service itself says of those that wait, and what is known of those under way. */
  private async leftOver() {
    const queue: unknown = await this.world.client.admin('GET', '/v1/admin/queue').catch(String);
    const rows = await this.world.database.query(
      `select recipient_number, call.status, call.due_at, attempt.state, attempt.progress, attempt.asked, attempt.created_at
         from call_queue as call left join call_attempts as attempt on attempt.call_queue_id = call.id
        where call.status in ('queued', 'in-progress') or not attempt.is_settled limit 10`,
    );
    return { queue, rows, said: this.world.log.summary() };
  }
}

const isCanceledSoon = ({ plan }: QueuedCall) => plan.cancel === 'at once' || plan.cancel === 'scheduled';

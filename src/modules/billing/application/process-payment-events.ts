import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../../shared/kernel/domain-error';
import { type Facts, within } from '../../../shared/observability/story';
import { PaymentsUnavailable } from '../domain/billing.errors';
import { Customers, type Moment } from './ports/customers.port';
import { type ClaimedEvents, PaymentEvents } from './ports/payment-events.port';
import { SyncCustomer } from './sync-customer';

/** So many customers are asked about at the same time, so that one slow answer does not hold up everybody. */
const LANES = 4;
/** Longer than an answer of the payment side may take: whoever dies meanwhile leaves the events to the next. */
const LEASE_MS = 60_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 3_600_000;

/**
 * Works off what the payment side sent: whoever it is about is asked about. An event is tried until it succeeds, ever
 * more rarely. While the payment side cannot be reached the rest waits for the next round.
 */
@Injectable()
export class ProcessPaymentEvents {
  private readonly logger = new Logger(ProcessPaymentEvents.name);
  private isOver = false;

  constructor(
    private readonly events: PaymentEvents,
    private readonly customers: Customers,
    private readonly syncCustomer: SyncCustomer,
  ) {}

  /** Rejects when the database cannot be reached. Nothing is lost: the next round goes on. */
  execute(): Promise<void> {
    return this.workOff(LANES);
  }

  /** Begins nothing new from now on. */
  stop(): void {
    this.isOver = true;
  }

  /** Whoever finds something to do has a colleague look for more. Over when everybody is done. */
  private async workOff(lanes: number): Promise<void> {
    const first = await this.next();
    if (!first) return;
    const others = lanes > 1 ? this.workOff(lanes - 1) : Promise.resolve();
    for (const lane of await Promise.allSettled([this.workOffFrom(first), others]))
      if (lane.status === 'rejected') throw lane.reason;
  }

  private async workOffFrom(first: ClaimedEvents): Promise<void> {
    let claimed: ClaimedEvents | undefined = first;
    while (claimed) claimed = (await this.process(claimed)) ? await this.next() : undefined;
  }

  private async next(): Promise<ClaimedEvents | undefined> {
    return this.isOver ? undefined : this.events.claim(LEASE_MS);
  }

  /** @returns whether the payment side can be asked about others now */
  private process(claimed: ClaimedEvents): Promise<boolean> {
    return within('payment-events', factsOf(claimed), async () => {
      try {
        await this.events.finish(claimed, await this.follow(claimed));
        return true;
      } catch (error) {
        const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (claimed.attempts - 1), LONGEST_DELAY_MS);
        this.logger.warn(`Events about customer ${claimed.customerId} wait for ${String(delayMs / 1_000)} s`, error);
        await this.events.postpone(claimed, reasonOf(error), delayMs);
        return !(error instanceof PaymentsUnavailable);
      }
    });
  }

  private async follow({ customerId, userId }: ClaimedEvents): Promise<Moment | null> {
    const known = customerId ?? (userId && (await this.customers.find(userId))?.customerId);
    return known ? this.syncCustomer.execute(known) : null;
  }
}

function factsOf({ customerId, ids }: ClaimedEvents): Facts {
  const [eventId, ...others] = ids;
  return { ...(customerId === null ? {} : { customerId }), ...(eventId && others.length === 0 ? { eventId } : {}) };
}

/** What may be kept: a bug's message may quote anything. */
function reasonOf(error: unknown): string {
  if (error instanceof DomainError) return error.message;
  return error instanceof Error ? error.name : 'unknown';
}

import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../../shared/kernel/unit-of-work.port';
import { EnsureLocalDatabase } from '../../application/ensure-local-database';
import { TakePaymentEvent } from '../../application/take-payment-event';
import { PaymentObjectMissing } from '../../domain/billing.errors';
import { LocalRecords } from './local-records';
import type { LocalCustomer, LocalSubscription } from './local-records.schemas';
import { end, settle } from './local-subscription';

/** A customer and its subscriptions at one moment, while nobody else may change them. */
export interface CustomerFile {
  readonly customer: LocalCustomer;
  /** As time has left them, oldest first. */
  readonly subscriptions: readonly LocalSubscription[];
  /** The database's clock. */
  readonly now: Date;
}

/**
 * Whatever happens to a customer of the local payment page happens here, one thing after the other, and is told to the
 * service as a payment vendor would, in the same unit of work. What time alone does (renewals, ends, changes that were
 * scheduled) is done when somebody asks.
 */
@Injectable()
export class LocalCustomers {
  constructor(
    private readonly records: LocalRecords,
    private readonly unitOfWork: UnitOfWork,
    private readonly takePaymentEvent: TakePaymentEvent,
    private readonly ensureLocalDatabase: EnsureLocalDatabase,
  ) {}

  /** @throws PaymentsUnavailable where a payment vendor has sold, and the page must not */
  admit(): Promise<void> {
    return this.ensureLocalDatabase.execute();
  }

  /**
   * Runs `work` in a unit of work that has the customer to itself.
   * @throws PaymentObjectMissing, PaymentsUnavailable
   */
  open<T>(customerId: string, work: (file: CustomerFile) => Promise<T>): Promise<T> {
    return this.unitOfWork.run(async () => {
      await this.admit();
      await this.records.lock(customerId);
      const customer = await this.records.find('customer', customerId);
      if (!customer) throw missing('customer', customerId);
      const now = await this.records.now();
      const subscriptions: LocalSubscription[] = [];
      for (const recorded of await this.records.list('subscription', customerId)) {
        const settled = settle(recorded, now, customer.card === 'works');
        subscriptions.push(settled === recorded ? recorded : await this.change(settled, 'time_passed'));
      }
      return work({ customer, subscriptions, now });
    });
  }

  /**
   * The same for the customer of a subscription.
   * @throws PaymentObjectMissing
   */
  async openOf<T>(
    subscriptionId: string,
    work: (subscription: LocalSubscription, file: CustomerFile) => Promise<T>,
  ): Promise<T> {
    const known = await this.records.find('subscription', subscriptionId);
    if (!known) throw missing('subscription', subscriptionId);
    return this.open(known.customerId, (file) => {
      const current = file.subscriptions.find(({ id }) => id === subscriptionId);
      if (!current) throw missing('subscription', subscriptionId);
      return work(current, file);
    });
  }

  /** A new subscription of the customer whose file is open. */
  async begin(subscription: LocalSubscription): Promise<void> {
    await this.records.add('subscription', subscription);
    await this.tell(subscription, 'subscription_begun');
  }

  /**
   * Keeps a changed subscription of the customer whose file is open.
   * @param what happened, in the word of the event
   */
  async change(changed: LocalSubscription, what: string): Promise<LocalSubscription> {
    const next = { ...changed, revision: changed.revision + 1 };
    await this.records.save('subscription', next);
    await this.tell(next, what);
    return next;
  }

  /** Ends everything, as when a payment vendor's administrator deletes a customer. */
  async delete({ customer, subscriptions, now }: CustomerFile): Promise<void> {
    await this.records.save('customer', { ...customer, isDeleted: true });
    for (const subscription of subscriptions) {
      if (subscription.rawStatus === 'canceled') continue;
      await this.change(end(subscription, now, 'requested'), 'customer_deleted');
    }
  }

  private async tell({ id, customerId, userId, rawStatus }: LocalSubscription, what: string): Promise<void> {
    await this.takePaymentEvent.execute({
      id: `local_event_${randomUUID()}`,
      type: `local.${what}`,
      apiVersion: null,
      createdAt: await this.records.now(),
      customerId,
      userId,
      payload: { subscription: id, status: rawStatus },
    });
  }
}

function missing(what: string, id: string): PaymentObjectMissing {
  return new PaymentObjectMissing(`The local payment page knows no ${what} ${id}.`);
}

import { Injectable, Logger } from '@nestjs/common';
import { PaymentsUnavailable } from '../domain/billing.errors';
import { type NotedChange, remainderOf } from '../domain/noted-change';
import type { PaymentAnswer } from './payment-answer';
import { type ChangeRecord, NotedChanges } from './ports/noted-changes.port';
import { PaymentGateway } from './ports/payment-gateway.port';
import { Plans } from './ports/plans.port';

/**
 * Finishes the change of a user's subscription that nobody is at any more: a better plan was paid for only later, or
 * whoever made the change died half way. Only an answer that was asked for after they had let go counts, and what
 * another choice of the user has overtaken is left alone.
 */
@Injectable()
export class FinishChanges {
  private readonly logger = new Logger(FinishChanges.name);

  constructor(
    private readonly changes: NotedChanges,
    private readonly plans: Plans,
    private readonly payments: PaymentGateway,
  ) {}

  /** @throws PaymentsUnavailable: whoever asked tries again. What fails otherwise is told, and left to the next look. */
  async execute(userId: string, answer: PaymentAnswer): Promise<void> {
    try {
      await this.finish(userId, answer);
    } catch (error) {
      if (error instanceof PaymentsUnavailable) throw error;
      this.logger.warn(
        `A change of customer ${answer.customerId} could not be finished; the next look tries again`,
        error,
      );
    }
  }

  private async finish(userId: string, answer: PaymentAnswer): Promise<void> {
    const record = await this.changes.find(userId, answer.askedAt);
    if (record === undefined) return this.forgetInterrupted(answer);
    if (!record.isLeft) return;
    const remainder = record.noted ? await this.remainderOf(record.noted, record, answer) : 'nothing';
    if (remainder === 'wait') return;
    const held = await this.changes.holdLeft(userId, answer.askedAt);
    if (!held) return;
    try {
      if (record.noted && remainder === 'clear') await this.clear(record.noted);
      if (record.noted && remainder === 'put-back') await this.payments.finishInterrupted(record.noted.paymentId);
      else await this.changes.forget(held);
    } finally {
      await this.changes.release(held);
    }
  }

  private async remainderOf(noted: NotedChange, { isOld }: ChangeRecord, { subscriptions }: PaymentAnswer) {
    const subscription = subscriptions.find(({ id }) => id === noted.paymentId);
    const plans = await this.plans.findByPrices((subscription?.items ?? []).map(({ priceId }) => priceId));
    const isWantedThere = [...plans.values()].some(({ id }) => id === noted.wantedPlanId);
    return remainderOf(noted, { subscription, isWantedThere, isOld });
  }

  /** What was to come before the better plan was chosen would end what is paid for now. */
  private async clear({ paymentId }: NotedChange): Promise<void> {
    await this.payments.goOn(crypto.randomUUID(), paymentId);
    this.logger.log(`Subscription ${paymentId} goes on: a better plan than the one that was to end or change is paid`);
  }

  /** Nothing is written down about it here, so the user has chosen otherwise since. */
  private async forgetInterrupted({ subscriptions }: PaymentAnswer): Promise<void> {
    for (const { id } of subscriptions.filter(({ hasUnfinishedChange }) => hasUnfinishedChange))
      await this.payments.forgetInterrupted(id);
  }
}

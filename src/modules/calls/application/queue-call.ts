import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { note } from '../../../shared/observability/story';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { Call } from '../domain/call';
import { CallRules } from './call-rules';
import { CallStep } from './observed-facts';
import { CallRequests } from './ports/call-requests.port';

export interface CallOrder {
  readonly templateId: string;
  /** E.164. */
  readonly recipientNumber: string;
  readonly scheduledTime?: Date | undefined;
  readonly customVariables: Readonly<Record<string, unknown>>;
  /** The only provider that may place the call. */
  readonly providerId?: string | undefined;
  /** The call that it repeats. */
  readonly retryOf?: string;
}

/** Queues one call, unless it is hopeless already. */
@Injectable()
export class QueueCall {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: CallRules,
    private readonly requests: CallRequests,
    private readonly events: DomainEvents,
  ) {}

  /**
   * @throws UserInactive, TemplateNotFound, InvalidNumber, InvalidVariables, ProviderUnavailable, ProviderMismatch,
   * QuotaExceeded, QueuedCallsLimitReached
   */
  execute(claims: UserClaims, order: CallOrder): Promise<Call> {
    return this.unitOfWork.runShared(async () => {
      const { template, allowance } = await this.rules.admit(claims, order.templateId);
      const { recipientNumber, customVariables, scheduledTime } = order;
      const call = this.rules.requireContent(template, { recipientNumber, customVariables, scheduledTime });
      if (order.providerId !== undefined) await this.rules.requirePin(template, order.providerId);
      const refusal = allowance.take(scheduledTime);
      if (refusal) throw refusal;
      const queued = await this.requests.add(claims, template.id, call);
      await this.tell(queued.id, order);
      if (order.providerId === undefined) return queued;
      return this.requests.pin(queued.id, order.providerId);
    });
  }

  private async tell(callId: string, { retryOf }: CallOrder): Promise<void> {
    this.unitOfWork.afterCommit(() => {
      note({ callId });
    });
    await this.events.publish(new CallStep('call.queued', callId, retryOf === undefined ? {} : { retryOf }));
  }
}

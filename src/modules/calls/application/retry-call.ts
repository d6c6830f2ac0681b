import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { Call } from '../domain/call';
import { CallNotFound, CallNotRetryable, TemplateNotFound } from '../domain/calls.errors';
import { CallStep } from './observed-facts';
import { CallRequests } from './ports/call-requests.port';
import { QueueCall } from './queue-call';

/** Queues a failed or canceled call's content once more, as a new call that is due now. */
@Injectable()
export class RetryCall {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly requests: CallRequests,
    private readonly queueCall: QueueCall,
    private readonly events: DomainEvents,
  ) {}

  /** @throws CallNotFound, CallNotRetryable, and everything that QueueCall throws */
  execute(claims: UserClaims, callQueueId: string): Promise<Call> {
    return this.unitOfWork.run(async () => {
      const call = await this.unitOfWork.asUser(claims, () => this.requests.find(claims.sub, callQueueId));
      if (!call) throw new CallNotFound();
      if (call.status !== 'failed' && call.status !== 'canceled') throw new CallNotRetryable();
      if (call.templateId === null) throw new TemplateNotFound();
      const { recipientNumber, customVariables, templateId } = call;
      const providerId = call.pinnedProviderId ?? undefined;
      const order = { templateId, recipientNumber, customVariables, providerId, retryOf: callQueueId };
      const queued = await this.queueCall.execute(claims, order);
      await this.events.publish(new CallStep('call.retried', callQueueId, { retryCallId: queued.id }));
      return queued;
    });
  }
}

import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { CallOver, CallsClaimed, CallStep } from './observed-facts';
import { DispatchQueue } from './ports/dispatch-queue.port';
import type { Preparation } from './prepare-attempts';

/** Writes what a claim has decided, in its unit of work. Nothing has been sent yet. */
@Injectable()
export class WriteClaim {
  constructor(
    private readonly queue: DispatchQueue,
    private readonly providers: ProviderPool,
    private readonly events: DomainEvents,
  ) {}

  async execute({ attempts, failures, undialable }: Preparation, claimedBy: string): Promise<void> {
    const started = attempts.map(({ id, callQueueId, providerId, phoneNumber, assistant, reservedMinutes }) => ({
      ...{ id, callQueueId, providerId, reservedMinutes },
      phoneNumberId: phoneNumber.id,
      assistantId: assistant.id,
    }));
    await this.queue.fail(failures);
    await this.queue.noteCountries(undialable);
    await this.queue.start(started, claimedBy);
    await this.providers.markNumbersUsed(started.map(({ phoneNumberId }) => phoneNumberId));
    const over = failures.map(({ failure }) => new CallOver('failed', failure.code));
    const steps = [
      ...undialable.map(({ callId }) => new CallStep('call.undialable', callId)),
      ...failures.map(({ callId, failure: { code } }) => new CallStep('call.failed', callId, { code })),
      ...started.map(
        ({ id: attemptId, callQueueId, providerId, reservedMinutes }) =>
          new CallStep('attempt.claimed', callQueueId, { attemptId, providerId, reservedMinutes }),
      ),
    ];
    await this.events.publish(new CallsClaimed(attempts.length), ...over, ...steps);
  }
}

import { Injectable } from '@nestjs/common';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { DispatchQueue } from './ports/dispatch-queue.port';
import type { Preparation } from './prepare-attempts';

/** Writes what a claim has decided, in its unit of work. Nothing has been sent yet. */
@Injectable()
export class WriteClaim {
  constructor(
    private readonly queue: DispatchQueue,
    private readonly providers: ProviderPool,
  ) {}

  async execute({ attempts, failures, undialable }: Preparation, claimedBy: string): Promise<void> {
    const started = attempts.map(({ id, callQueueId, providerId, phoneNumber, assistant, reservedMinutes }) => ({
      ...{ id, callQueueId, providerId, reservedMinutes },
      phoneNumberId: phoneNumber.id,
      assistantId: assistant.id,
    }));
    await this.queue.fail(failures);
    await this.queue.noteCountries(undialable);
    // Neither needs an answer of the other: the database gets them in one go.
    await Promise.all([
      this.queue.start(started, claimedBy),
      this.providers.markNumbersUsed(started.map(({ phoneNumberId }) => phoneNumberId)),
    ]);
  }
}

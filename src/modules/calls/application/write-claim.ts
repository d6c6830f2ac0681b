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
    await this.queue.fail(failures);
    await this.queue.noteCountries(undialable);
    if (attempts.length === 0) return;
    const started = attempts.map(({ phoneNumber, assistant, ...attempt }) => ({
      ...attempt,
      phoneNumberId: phoneNumber.id,
      assistantId: assistant.id,
    }));
    await this.queue.start(started, claimedBy);
    await this.providers.markNumbersUsed(started.map(({ phoneNumberId }) => phoneNumberId));
  }
}

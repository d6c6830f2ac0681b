import { Injectable, Logger } from '@nestjs/common';
import type { PlaceResult } from '../../providers/public/call-provider.port';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import type { ClaimedAttempt } from './claim-calls';
import { DispatchSettings } from './dispatch-settings';
import { RecordPlacement } from './record-placement';
import { ReleaseUnsent } from './release-unsent';

/** How long to wait before a result that the database did not take is recorded again: 0.1 s, doubled up to 5 s. */
const RECORD_RETRY_MS = { first: 100, most: 5_000 };

/** Sends one attempt to its vendor, once, and records what came of it. */
@Injectable()
export class PlaceAttempt {
  private readonly logger = new Logger(PlaceAttempt.name);

  constructor(
    private readonly providers: ProviderPool,
    private readonly recordPlacement: RecordPlacement,
    private readonly releaseUnsent: ReleaseUnsent,
    private readonly settings: DispatchSettings,
  ) {}

  /**
   * Never rejects: it ends when the result is recorded, however long the database is away. If the process dies
   * before, the resolver finds the attempt.
   */
  async execute(attempt: ClaimedAttempt): Promise<void> {
    if (this.isStale(attempt)) {
      await this.persist(attempt, () => this.releaseUnsent.execute(attempt.id));
      return;
    }
    const result = await this.place(attempt);
    await this.persist(attempt, () => this.recordPlacement.execute(attempt, result));
  }

  /** Puts back what this instance has claimed without knowing it. */
  releaseLost(claimedBy: string, underWay: readonly string[]): Promise<void> {
    return this.releaseUnsent.lostClaims(claimedBy, underWay);
  }

  /**
   * A process that was suspended between its claim and now may have been given up by the others: whatever they did
   * with the call, it must not ring on top of it.
   */
  private isStale({ preparedAtMs }: ClaimedAttempt): boolean {
    return Date.now() - preparedAtMs > this.settings.placeTimeoutMs;
  }

  private async place(attempt: ClaimedAttempt): Promise<PlaceResult> {
    try {
      return await attempt.driver.placeCall(
        {
          attemptId: attempt.id,
          callId: attempt.callQueueId,
          providerId: attempt.providerId,
          to: attempt.to,
          from: attempt.phoneNumber,
          assistantExternalId: attempt.assistant.externalId,
          variables: attempt.variables,
          maxDurationSeconds: attempt.maxDurationSeconds,
          webhookUrl: this.providers.webhookUrl(attempt.providerId),
        },
        this.settings.placeTimeoutMs,
      );
    } catch (error) {
      this.logger.error(`Attempt ${attempt.id}: the driver threw; the placement counts as unknown`, error);
      return { kind: 'unknown', cause: 'bad_answer' };
    }
  }

  private async persist({ id }: ClaimedAttempt, record: () => Promise<void>): Promise<void> {
    for (let waitMs = RECORD_RETRY_MS.first; ; waitMs = Math.min(waitMs * 2, RECORD_RETRY_MS.most)) {
      try {
        await record();
        return;
      } catch (error) {
        this.logger.error(`Attempt ${id}: its result is not recorded yet, trying again`, error);
        await new Promise((resolve) => setTimeout(resolve, waitMs).unref());
      }
    }
  }
}

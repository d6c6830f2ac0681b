import { Injectable, Logger } from '@nestjs/common';
import { within } from '../../../shared/observability/story';
import type { ClaimedAttempt } from './claim-calls';
import { RecordPlacement } from './record-placement';
import { ReleaseUnsent } from './release-unsent';
import { SendAttempt } from './send-attempt';

/** How long to wait before a result that the database did not take is recorded again: 0.1 s, doubled up to 5 s. */
const RECORD_RETRY_MS = { first: 100, most: 5_000 };

/** Has one attempt sent to its vendor, once, and records what came of it. */
@Injectable()
export class PlaceAttempt {
  private readonly logger = new Logger(PlaceAttempt.name);

  constructor(
    private readonly sendAttempt: SendAttempt,
    private readonly recordPlacement: RecordPlacement,
    private readonly releaseUnsent: ReleaseUnsent,
  ) {}

  /**
   * Never rejects: it ends when the result is recorded, however long the database is away. If the process dies
   * before, the resolver finds the attempt.
   */
  execute(attempt: ClaimedAttempt): Promise<void> {
    const { id: attemptId, callQueueId: callId, providerId } = attempt;
    return within('placement', { callId, attemptId, providerId }, async () => {
      const result = await this.sendAttempt.execute(attempt);
      await this.persist(() =>
        result ? this.recordPlacement.execute(attempt, result) : this.releaseUnsent.execute(attemptId),
      );
    });
  }

  /** Puts back what this instance has claimed without knowing it. */
  releaseLost(claimedBy: string, underWay: readonly string[]): Promise<void> {
    return this.releaseUnsent.lostClaims(claimedBy, underWay);
  }

  private async persist(record: () => Promise<void>): Promise<void> {
    for (let waitMs = RECORD_RETRY_MS.first; ; waitMs = Math.min(waitMs * 2, RECORD_RETRY_MS.most)) {
      try {
        await record();
        return;
      } catch (error) {
        const level = waitMs === RECORD_RETRY_MS.first ? 'warn' : 'debug';
        this.logger[level]('Its result is not recorded yet, trying again', error, { event: 'attempt.not_recorded' });
        await new Promise((resolve) => setTimeout(resolve, waitMs).unref());
      }
    }
  }
}

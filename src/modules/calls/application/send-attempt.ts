import { Injectable, Logger } from '@nestjs/common';
import type { PlaceResult } from '../../providers/public/call-provider.port';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import type { ClaimedAttempt } from './claim-calls';
import { DialPermission } from './dial-permission';
import { DispatchSettings } from './dispatch-settings';

/** Sends one attempt to its vendor, once, unless that must not be any more. */
@Injectable()
export class SendAttempt {
  private readonly logger = new Logger(SendAttempt.name);

  constructor(
    private readonly providers: ProviderPool,
    private readonly permission: DialPermission,
    private readonly settings: DispatchSettings,
  ) {}

  /** Never rejects. Undefined: certainly nothing was sent, and nothing will be. */
  async execute(attempt: ClaimedAttempt): Promise<PlaceResult | undefined> {
    if (this.isStale(attempt)) return undefined;
    const request = { isAsked: false, isGiven: false, isOver: false };
    const isInTime = (): boolean => !request.isOver && !this.isStale(attempt);
    const maySend = async (): Promise<boolean> => {
      // A driver that asks twice, or once its answer is there, gets nothing more.
      if (request.isAsked || request.isOver) return false;
      request.isAsked = true;
      request.isGiven = (await this.permission.isGiven(attempt.preparedAtMs, isInTime)) && isInTime();
      return request.isGiven;
    };
    const result = await this.place(attempt, maySend);
    request.isOver = true;
    // Whatever the driver makes of it: what asked for permission and did not get it has not left, and will not leave.
    return request.isAsked && !request.isGiven ? undefined : result;
  }

  /**
   * A process that was suspended between its claim and now may have been given up by the others: whatever they did
   * with the call, it must not ring on top of it.
   */
  private isStale({ preparedAtMs }: ClaimedAttempt): boolean {
    return Date.now() - preparedAtMs > this.settings.placeTimeoutMs;
  }

  private async place(attempt: ClaimedAttempt, maySend: () => Promise<boolean>): Promise<PlaceResult> {
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
        maySend,
      );
    } catch (error) {
      this.logger.error('A bug: the driver threw; the placement counts as unknown', error, {
        event: 'attempt.driver_threw',
      });
      return { kind: 'unknown', cause: 'bad_answer' };
    }
  }
}

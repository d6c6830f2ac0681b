import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../../shared/kernel/domain-error';
import type { CallProvider, PlaceResult } from '../../providers/public/call-provider.port';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { DispatchSettings } from './dispatch-settings';
import type { PreparedAttempt } from './prepare-attempts';
import { RecordPlacement } from './record-placement';

/** How long to wait before a result that the database did not take is recorded again: 0.1 s, doubled up to 5 s. */
const RECORD_RETRY_MS = { first: 100, most: 5_000 };
/** After so many tries (about ten minutes) the resolver is left to find out what became of the attempt. */
const RECORD_TRIES = 120;

/** Sends one attempt to its vendor, once, and records what came of it. */
@Injectable()
export class PlaceAttempt {
  private readonly logger = new Logger(PlaceAttempt.name);

  constructor(
    private readonly providers: ProviderPool,
    private readonly recordPlacement: RecordPlacement,
    private readonly settings: DispatchSettings,
  ) {}

  /** Never rejects: whatever happens here ends in a recorded result or in an attempt that the resolver finds. */
  async execute(attempt: PreparedAttempt): Promise<void> {
    const result = await this.place(attempt);
    if (result) await this.record(attempt, result);
  }

  /** Undefined: the database is away before anything was sent; the attempt stays `placing` for the resolver. */
  private async place(attempt: PreparedAttempt): Promise<PlaceResult | undefined> {
    const provider = await this.connect(attempt.providerId);
    if (!provider || 'kind' in provider) return provider;
    if (this.isStale(attempt)) return TOO_LATE;
    try {
      return await provider.placeCall(
        {
          attemptId: attempt.id,
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

  /**
   * A process that was suspended between its claim and now may have been given up by the others: whatever they did
   * with the call, it must not ring on top of it.
   */
  private isStale({ preparedAtMs }: PreparedAttempt): boolean {
    return Date.now() - preparedAtMs > this.settings.placeTimeoutMs;
  }

  private async connect(providerId: string): Promise<CallProvider | PlaceResult | undefined> {
    try {
      return await this.providers.connect(providerId);
    } catch (error) {
      if (error instanceof DomainError && error.kind !== 'unavailable')
        return { kind: 'refused', refusal: 'account', detail: error.message };
      this.logger.error(`Provider ${providerId} could not be read; nothing was sent, the resolver takes over`, error);
      return undefined;
    }
  }

  private async record(attempt: PreparedAttempt, result: PlaceResult): Promise<void> {
    let waitMs = RECORD_RETRY_MS.first;
    for (let tries = 0; tries < RECORD_TRIES; tries += 1) {
      try {
        await this.recordPlacement.execute(attempt, result);
        return;
      } catch (error) {
        this.logger.error(
          `Attempt ${attempt.id}: its result (${result.kind}) is not recorded yet, trying again`,
          error,
        );
        await new Promise((resolve) => setTimeout(resolve, waitMs).unref());
        waitMs = Math.min(waitMs * 2, RECORD_RETRY_MS.most);
      }
    }
  }
}

const TOO_LATE: PlaceResult = {
  kind: 'refused',
  refusal: 'unreachable',
  detail: 'nothing was sent: the placement was held up for too long in this process',
};

import { Injectable, Logger } from '@nestjs/common';
import { type Facts, within } from '../../../shared/observability/story';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { ApplyCallReport } from './apply-call-report';
import { DispatchSettings } from './dispatch-settings';
import { inLanes } from './in-lanes';
import { LiveCalls, type OpenAttempt, type UnknownPlacement } from './ports/live-calls.port';

/** Beyond its own time limit, so long may a placement's owner take to record the result before it counts as dead. */
const RECORDING_MARGIN_MS = 30_000;
/** Lookups of one run, so that a vendor's rate limit is not hammered. */
const LOOKUPS_PER_RUN = 50;

const FAILED = 'It could not be looked up, which will be tried again';

/**
 * Looks up placements that may or may not have happened by their attempt's id, and adopts those that the vendor
 * knows. Not finding one proves nothing and frees nothing.
 */
@Injectable()
export class ResolvePlacements {
  private readonly logger = new Logger(ResolvePlacements.name);

  constructor(
    private readonly liveCalls: LiveCalls,
    private readonly providers: ProviderPool,
    private readonly applyCallReport: ApplyCallReport,
    private readonly settings: DispatchSettings,
  ) {}

  async execute(): Promise<void> {
    const orphans = await this.liveCalls.orphanPlacing(this.settings.placeTimeoutMs + RECORDING_MARGIN_MS);
    for (const orphan of orphans)
      within('resolution', factsOf(orphan), () => {
        this.logger.warn('Its instance has died while placing it: it is looked up', { event: 'attempt.orphaned' });
      });
    const unknown = await this.liveCalls.takeUnknown(this.settings.reconcileIntervalMs, LOOKUPS_PER_RUN);
    await inLanes(unknown, (placement) => within('resolution', factsOf(placement), () => this.lookUp(placement)));
  }

  private async lookUp({ attemptId, providerId, query }: UnknownPlacement): Promise<void> {
    try {
      const provider = await this.providers.connect(providerId);
      const answer = await provider.findPlaced(query);
      if (answer.kind === 'found') await this.applyCallReport.execute(providerId, { ...answer.report, attemptId });
      else if (answer.kind === 'not-found') await this.noteNotFound(attemptId);
      else this.logger.warn(FAILED, { event: 'attempt.lookup_failed' });
    } catch (error) {
      this.logger.warn(FAILED, error, { event: 'attempt.lookup_failed' });
    }
  }

  private async noteNotFound(attemptId: string): Promise<void> {
    await this.liveCalls.noteNotFound(attemptId);
    this.logger.log('The vendor does not know it so far', { event: 'attempt.not_found' });
  }
}

function factsOf({ callQueueId: callId, attemptId, providerId }: OpenAttempt): Facts {
  return { callId, attemptId, providerId };
}

import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../../shared/kernel/domain-error';
import type { CallProvider, PlacedCall } from '../../providers/public/call-provider.port';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { VendorSilent } from '../domain/calls.errors';
import { DispatchSettings } from './dispatch-settings';
import { inLanes } from './in-lanes';
import { type ComparedPage, type Comparison, Comparisons } from './ports/comparisons.port';
import { TakeInPlacedCall } from './take-in-placed-call';

/** Pages that one run reads of a provider, so that a vendor's rate limit is not hammered. */
const PAGES_PER_RUN = 20;
/** An instance that has not been heard of for so many intervals no longer keeps others from comparing. */
const LEASE_INTERVALS = 4;

/**
 * Compares a restored database with what its vendors have placed since the backup, so that nobody is rung twice. What
 * is taken in is committed call by call and noted page by page: whoever dies is followed by another instance, and to
 * repeat any of it changes nothing.
 */
@Injectable()
export class CompareWithVendors {
  private readonly logger = new Logger(CompareWithVendors.name);
  private readonly holder = crypto.randomUUID();

  constructor(
    private readonly comparisons: Comparisons,
    private readonly providers: ProviderPool,
    private readonly takeInPlacedCall: TakeInPlacedCall,
    private readonly settings: DispatchSettings,
  ) {}

  /** Does nothing unless the database is marked as restored, and nobody else compares it. */
  async execute(): Promise<void> {
    const since = await this.take();
    if (since === undefined) return;
    await inLanes(await this.comparisons.open(), (comparison) => this.compareSafely(comparison, since));
  }

  private take(): Promise<Date | undefined> {
    return this.comparisons.take(this.holder, this.settings.reconcileIntervalMs * LEASE_INTERVALS);
  }

  /** A provider that cannot be asked keeps the comparison open; the others go on. */
  private async compareSafely(comparison: Comparison, since: Date): Promise<void> {
    try {
      await this.compare(comparison, since);
    } catch (error) {
      const { providerId } = comparison;
      const isTold = error instanceof DomainError;
      const problem = isTold ? error.message : 'the comparison failed; the log says why';
      this.logger.warn(`Provider ${providerId} is not compared yet: ${problem}`, ...(isTold ? [] : [error]));
      await this.comparisons.noteProblem(providerId, problem).catch((failure: unknown) => {
        this.logger.warn(`Provider ${providerId}: not even that could be noted`, failure);
      });
    }
  }

  private async compare(comparison: Comparison, since: Date): Promise<void> {
    const { providerId } = comparison;
    const provider = await this.providers.connect(providerId);
    let { page } = comparison;
    for (let read = 0; read < PAGES_PER_RUN; read += 1) {
      const answer = await provider.listPlaced(since, page ?? undefined);
      if (answer.kind === 'unavailable') throw new VendorSilent(answer.detail);
      const done = { next: answer.next, ...(await this.takeIn(providerId, provider, answer.calls)) };
      await this.advance({ providerId, page }, done);
      page = done.next;
      if (page === null || (await this.take()) === undefined) return;
    }
  }

  private async takeIn(providerId: string, provider: CallProvider, calls: readonly PlacedCall[]) {
    const counts = { adopted: 0, lost: 0 };
    for (const placed of calls) {
      const became = await this.takeInPlacedCall.execute(providerId, provider, placed);
      if (became === 'adopted') counts.adopted += 1;
      if (became === 'lost' || became === 'closed') {
        counts.lost += 1;
        this.tellLost(providerId, placed, became);
      }
    }
    return counts;
  }

  private tellLost(providerId: string, { report, createdAt }: PlacedCall, became: 'lost' | 'closed'): void {
    const { providerCallId, callId = 'unknown' } = report;
    const what =
      became === 'lost'
        ? 'which the database does not know: it was queued after the backup'
        : 'of which nothing can be written down: the provider has no number or no assistant here';
    this.logger.warn(
      `Provider ${providerId} placed call ${providerCallId} at ${createdAt?.toISOString() ?? 'an unknown time'} for call ${callId}, ${what}`,
    );
  }

  private async advance(comparison: Comparison, done: ComparedPage): Promise<void> {
    const state = await this.comparisons.advance(comparison, done, this.settings.placeTimeoutMs);
    if (state === 'complete')
      this.logger.log(`Provider ${comparison.providerId} is compared with the restored database`);
  }
}

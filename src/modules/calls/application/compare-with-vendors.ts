import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../../shared/kernel/domain-error';
import { within } from '../../../shared/observability/story';
import type { CallProvider, PlacedCall } from '../../providers/public/call-provider.port';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { VendorSilent } from '../domain/calls.errors';
import type { Adoption } from './adopt-call';
import { DispatchSettings } from './dispatch-settings';
import { inLanes } from './in-lanes';
import { type ComparedPage, type ComparedRestore, type Comparison, Comparisons } from './ports/comparisons.port';
import { type TakenIn, TakeInPlacedCall } from './take-in-placed-call';

/** Pages that one run reads of a provider, so that a vendor's rate limit is not hammered. */
const PAGES_PER_RUN = 20;
/** An instance that has not been heard of for so many intervals no longer keeps others from comparing. */
const LEASE_INTERVALS = 4;
/** A vendor's clock may be ahead by so much. Calls that begin later than the mark belong to somebody else. */
const CLOCK_MARGIN_MS = 300_000;

type Untaken = Exclude<Adoption, 'adopted' | 'known' | 'left'>;

const WHAT_IS_UNTAKEN: Readonly<Record<Untaken, string>> = {
  lost: 'which the database does not know: it was queued after the backup',
  closed: 'of which nothing can be written down: the provider has no number or no assistant here',
  misdirected: 'but to another number than that of the call: somebody has copied what we send along',
};

/**
 * Compares a restored database with what its vendors have placed since the backup, so that nobody is rung twice. What
 * is taken in is committed call by call and noted page by page: whoever dies is followed by another instance, and to
 * repeat any of it changes nothing.
 */
@Injectable()
export class CompareWithVendors {
  private readonly logger = new Logger(CompareWithVendors.name);
  private readonly holder = crypto.randomUUID();
  /** The vendors' ids of calls that were warned of: looks may be repeated often. */
  private readonly told = new Set<string>();

  constructor(
    private readonly comparisons: Comparisons,
    private readonly providers: ProviderPool,
    private readonly takeInPlacedCall: TakeInPlacedCall,
    private readonly settings: DispatchSettings,
  ) {}

  /** Does nothing unless the database is marked as restored, and nobody else compares it. */
  async execute(): Promise<void> {
    const restore = await this.take();
    if (restore !== undefined)
      await inLanes(await this.comparisons.open(), (comparison) =>
        within('comparison', { providerId: comparison.providerId }, () => this.compare(comparison, restore)),
      );
    else this.told.clear();
  }

  private take(): Promise<ComparedRestore | undefined> {
    return this.comparisons.take(this.holder, this.settings.reconcileIntervalMs * LEASE_INTERVALS);
  }

  /** A provider that cannot be asked keeps the comparison open; the others go on. */
  private async compare(comparison: Comparison, restore: ComparedRestore): Promise<void> {
    let at = comparison;
    try {
      const provider = await this.providers.connect(comparison.providerId);
      for (let read = 0; read < PAGES_PER_RUN; read += 1) {
        const page = await this.comparePage(provider, at, restore);
        if (page === null) return;
        at = { ...at, page };
      }
    } catch (error) {
      await this.noteProblem(at, error);
    }
  }

  private async noteProblem(comparison: Comparison, error: unknown): Promise<void> {
    const { providerId } = comparison;
    const isTold = error instanceof DomainError;
    const problem = isTold ? error.message : 'the comparison failed; the log says why';
    const facts = { event: 'provider.not_compared', providerId };
    this.logger.warn(`A provider is not compared yet: ${problem}`, facts, ...(isTold ? [] : [error]));
    await this.comparisons.noteProblem(comparison, problem).catch((failure: unknown) => {
      this.logger.warn('Not even that could be noted', failure, facts);
    });
  }

  /** @returns the page to go on with; null when there is none, or it is for somebody else to go on */
  private async comparePage(
    provider: CallProvider,
    comparison: Comparison,
    restore: ComparedRestore,
  ): Promise<string | null> {
    const answer = await provider.listPlaced(restore.since, comparison.page ?? undefined);
    if (answer.kind === 'unavailable') throw new VendorSilent(answer.detail);
    const counts = await this.takeIn(comparison.providerId, provider, { calls: answer.calls, ...restore });
    if (counts === undefined) return null;
    return (await this.advance(comparison, { next: answer.next, ...counts })) ? answer.next : null;
  }

  /** Each call renews the lease: one page may take long. @returns undefined once somebody else compares, or nobody has to */
  private async takeIn(
    providerId: string,
    provider: CallProvider,
    { calls, markedAt }: { readonly calls: readonly PlacedCall[]; readonly markedAt: Date },
  ): Promise<Omit<ComparedPage, 'next'> | undefined> {
    const counts = { adopted: 0, lost: 0, live: 0 };
    const latestMs = markedAt.getTime() + CLOCK_MARGIN_MS;
    for (const placed of calls) {
      if ((await this.take()) === undefined) return undefined;
      const { became, isWithoutSlot } = await this.takeInOne(providerId, provider, placed);
      if (became === 'left') return undefined;
      if (became === 'adopted') counts.adopted += 1;
      else if (became !== 'known') counts.lost += 1;
      if (isWithoutSlot && (placed.createdAt?.getTime() ?? 0) <= latestMs) counts.live += 1;
    }
    return counts;
  }

  /** In a story of its own: what becomes known of one call is not said of the next. */
  private takeInOne(providerId: string, provider: CallProvider, placed: PlacedCall): Promise<TakenIn> {
    const { providerCallId } = placed.report;
    return within('comparison', { providerId, providerCallId, attemptId: placed.attemptId }, async () => {
      const taken = await this.takeInPlacedCall.execute(providerId, provider, placed);
      if (taken.became in WHAT_IS_UNTAKEN) this.tell(providerId, placed, taken.became as Untaken);
      return taken;
    });
  }

  private tell(providerId: string, { report, createdAt }: PlacedCall, became: Untaken): void {
    const { providerCallId, callId } = report;
    if (this.told.has(providerCallId)) return;
    this.told.add(providerCallId);
    this.logger.warn(
      `The vendor placed a call at ${createdAt?.toISOString() ?? 'an unknown time'}, ${WHAT_IS_UNTAKEN[became]}`,
      { event: 'provider.untaken_call', providerId, providerCallId, callId },
    );
  }

  /** @returns whether the look is still to be gone on with */
  private async advance(comparison: Comparison, done: ComparedPage): Promise<boolean> {
    const state = await this.comparisons.advance(comparison, done, this.settings.placeTimeoutMs);
    if (state === 'complete')
      this.logger.log('A provider is compared with the restored database', {
        event: 'provider.compared',
        providerId: comparison.providerId,
      });
    return state === 'under-way' && (await this.take()) !== undefined;
  }
}

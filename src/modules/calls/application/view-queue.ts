import { Injectable, Logger } from '@nestjs/common';
import { atMost } from '../../../shared/kernel/at-most';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { type LockedProvider, type ProviderOverview, ProviderPool } from '../../providers/public/provider-pool.port';
import { explainWaiting, type ProviderStanding, type QueueHold, type Waiting } from '../domain/explain-waiting';
import { QueueControl, type QueueNumbers } from './ports/queue-control.port';

/** How long whoever has changed the queue waits for the look at it, in milliseconds. A long queue takes its time. */
const PATIENCE_MS = 2_000;

export interface QueueView extends QueueNumbers {
  /** Why due calls wait, the reason of most calls first. */
  readonly waiting: readonly Waiting[];
  /** In the order in which they are asked. `inUse`: attempts that hold a slot. */
  readonly providers: readonly (ProviderOverview & { readonly inUse: number })[];
}

/** The queue and its providers for administrators. */
@Injectable()
export class ViewQueue {
  private readonly logger = new Logger(ViewQueue.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: QueueControl,
    private readonly pool: ProviderPool,
  ) {}

  execute(): Promise<QueueView> {
    return this.unitOfWork.run(async () => {
      const inUse = await this.queue.openAttempts();
      const providers = (await this.pool.overview()).map((one) => ({ ...one, inUse: inUse.get(one.id) ?? 0 }));
      const numbers = await this.queue.numbers();
      const standings = standingsOf(await this.pool.look(), providers);
      const waiting = explainWaiting(await this.queue.waitingGroups(), standings, holdOf(numbers));
      return { ...numbers, waiting, providers };
    });
  }

  /**
   * For whoever has just paused, stopped or resumed the queue, in a look of its own after that has committed. Never
   * rejects, and takes two seconds at most: the change has taken effect, whether or not the queue can be looked at.
   */
  afterChange(): Promise<QueueView | undefined> {
    return atMost(PATIENCE_MS, this.look());
  }

  private async look(): Promise<QueueView | undefined> {
    try {
      return await this.execute();
    } catch (error) {
      this.logger.warn('The queue was changed, but could not be looked at afterwards', error);
      return undefined;
    }
  }
}

function holdOf({ paused, isRestored }: QueueNumbers): QueueHold | undefined {
  if (isRestored) return 'restored';
  return paused ? 'paused' : undefined;
}

function standingsOf(
  usable: readonly LockedProvider[],
  providers: QueueView['providers'],
): readonly ProviderStanding[] {
  const overviews = new Map(providers.map((one) => [one.id, one]));
  return usable.flatMap((provider) => {
    const overview = overviews.get(provider.id);
    return overview ? [standingOf(provider, overview)] : [];
  });
}

function standingOf(provider: LockedProvider, overview: QueueView['providers'][number]): ProviderStanding {
  const free = provider.limit - overview.inUse;
  return {
    id: provider.id,
    hold: provider.hold,
    heldUntil: heldUntil(provider.hold, overview),
    free: provider.probe ? Math.min(free, 1) : free,
    lines: provider.phoneNumbers,
    nextLineAt: overview.nextNumberAt,
  };
}

function heldUntil(hold: LockedProvider['hold'], { probeAt, pausedUntil, suspension }: ProviderOverview): Date | null {
  if (hold === 'breaker-open') return probeAt;
  if (hold === 'suspended' && suspension?.until === null) return null;
  return hold ? pausedUntil : null;
}

import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { type ProviderOverview, ProviderPool } from '../../providers/public/provider-pool.port';
import { QueueControl, type QueueNumbers } from './ports/queue-control.port';

export interface QueueView extends QueueNumbers {
  /** In the order in which they are asked. `inUse`: attempts that hold a slot. */
  readonly providers: readonly (ProviderOverview & { readonly inUse: number })[];
}

/** The queue and its providers for administrators. */
@Injectable()
export class ViewQueue {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: QueueControl,
    private readonly pool: ProviderPool,
  ) {}

  execute(): Promise<QueueView> {
    return this.unitOfWork.run(async () => {
      const inUse = await this.queue.openAttempts();
      const providers = await this.pool.overview();
      return {
        ...(await this.queue.numbers()),
        providers: providers.map((provider) => ({ ...provider, inUse: inUse.get(provider.id) ?? 0 })),
      };
    });
  }
}

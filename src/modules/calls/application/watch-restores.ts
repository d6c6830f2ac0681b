import { Injectable, Logger } from '@nestjs/common';
import { CompareWithVendors } from './compare-with-vendors';
import { Restorations } from './ports/restorations.port';

/** Notices that the database may have been restored, and sees to what follows once it is marked. Never rejects. */
@Injectable()
export class WatchRestores {
  private readonly logger = new Logger(WatchRestores.name);

  constructor(
    private readonly restorations: Restorations,
    private readonly compareWithVendors: CompareWithVendors,
  ) {}

  async execute(): Promise<void> {
    try {
      await this.notice();
      await this.compareWithVendors.execute();
    } catch (error) {
      this.logger.warn('A restored database could not be seen to; the next round tries again', error);
    }
  }

  /** A failover looks the same, and after it nothing is wrong: so the service only says it. */
  private async notice(): Promise<void> {
    if (await this.restorations.noticeIdentity())
      this.logger.warn(
        'The database is on another server or timeline than before. After a failover or a move that is all right. If it ' +
          'was restored from a backup, calls may ring a second time: stop every instance, run `npm run db:restored`, and start again',
      );
  }
}

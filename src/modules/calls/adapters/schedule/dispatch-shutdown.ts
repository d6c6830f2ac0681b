import { type BeforeApplicationShutdown, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { QueueDispatcher } from '../../application/queue-dispatcher';

/**
 * Has the service claim nothing more as soon as it is told to end, whatever other parts still wait for, and lets
 * placements under way finish while it can still record them.
 */
@Injectable()
export class DispatchShutdown implements OnModuleDestroy, BeforeApplicationShutdown {
  private end: Promise<void> | undefined;

  constructor(private readonly dispatcher: QueueDispatcher) {}

  onModuleDestroy(): void {
    this.end = this.dispatcher.stop();
  }

  beforeApplicationShutdown(): Promise<void> | undefined {
    return this.end;
  }
}

import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { QueueDispatcher } from '../../application/queue-dispatcher';

/** Lets placements under way finish while the service can still record them. */
@Injectable()
export class DispatchShutdown implements BeforeApplicationShutdown {
  constructor(private readonly dispatcher: QueueDispatcher) {}

  beforeApplicationShutdown(): Promise<void> {
    return this.dispatcher.stop();
  }
}

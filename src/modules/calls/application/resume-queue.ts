import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { QueueControl } from './ports/queue-control.port';
import { type QueueView, ViewQueue } from './view-queue';

/** Lets dispatchers claim again. */
@Injectable()
export class ResumeQueue {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: QueueControl,
    private readonly viewQueue: ViewQueue,
  ) {}

  execute(): Promise<QueueView> {
    return this.unitOfWork.run(async () => {
      await this.queue.resume();
      return this.viewQueue.execute();
    });
  }
}

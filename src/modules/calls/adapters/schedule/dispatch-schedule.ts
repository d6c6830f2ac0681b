import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { DatabaseNotifications } from '../../../../shared/database/database-notifications';
import { Troubles } from '../../../../shared/kernel/troubles';
import { DispatchSettings } from '../../application/dispatch-settings';
import { LookAtQueue } from '../../application/look-at-queue';

/** The channel that the database notifies when calls are queued. */
const CALLS_QUEUED = 'ringonce_calls';
const TICK = 'dispatch-tick';
const NEXT_DUE = 'dispatch-next-due';

/**
 * Drives the dispatcher: when calls are queued, at the moment the next scheduled call is due, and at a steady
 * interval for whatever the first two missed.
 */
@Injectable()
export class DispatchSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(DispatchSchedule.name);
  private readonly troubles = new Troubles();
  private isLooking = false;
  private mustLook = false;
  private mayWake = false;
  private isOver = false;

  constructor(
    private readonly lookAtQueue: LookAtQueue,
    private readonly settings: DispatchSettings,
    private readonly scheduler: SchedulerRegistry,
    private readonly notifications: DatabaseNotifications,
  ) {}

  onApplicationBootstrap(): void {
    const look = () => void this.look();
    this.scheduler.addInterval(TICK, setInterval(look, this.settings.intervalMs));
    this.notifications.subscribe(CALLS_QUEUED, () => {
      this.lookAtQueue.expectDue();
      // Behind the claim's first message: the call that waits for the claim would wait for this as well.
      setImmediate(() => void this.look(false));
    });
    look();
  }

  onModuleDestroy(): void {
    this.isOver = true;
    if (this.scheduler.doesExist('interval', TICK)) this.scheduler.deleteInterval(TICK);
    this.disarm();
  }

  /** One look at a time: whatever happens during one is seen by the one after it. */
  private async look(mayWake = true): Promise<void> {
    this.mustLook = true;
    this.mayWake ||= mayWake;
    if (this.isLooking) return;
    this.isLooking = true;
    while (this.mustLook && !this.isOver) {
      const mayWakeNow = this.mayWake;
      this.mustLook = false;
      this.mayWake = false;
      await this.lookOnce(mayWakeNow);
    }
    this.isLooking = false;
  }

  private async lookOnce(mayWake: boolean): Promise<void> {
    try {
      this.arm(await this.lookAtQueue.execute(mayWake));
      if (this.troubles.end()) this.logger.log('The queue can be looked at again');
    } catch (error) {
      const level = this.troubles.meet() ? 'warn' : 'debug';
      this.logger[level]('The queue could not be looked at; the next tick tries again', error);
    }
  }

  /** What is due after the next tick is left to the looks that come before it. */
  private arm(nextDueInMs: number | null): void {
    this.disarm();
    if (this.isOver || nextDueInMs === null || nextDueInMs > this.settings.intervalMs) return;
    this.scheduler.addTimeout(
      NEXT_DUE,
      setTimeout(() => void this.look(), Math.max(nextDueInMs, 1)),
    );
  }

  private disarm(): void {
    if (this.scheduler.doesExist('timeout', NEXT_DUE)) this.scheduler.deleteTimeout(NEXT_DUE);
  }
}

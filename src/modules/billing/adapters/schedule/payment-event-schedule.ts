import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { inStory } from '../../../../shared/observability/story';
import { atMost } from '../../../../shared/kernel/at-most';
import { PaymentEventSignal } from '../../application/payment-event-signal';
import { ProcessPaymentEvents } from '../../application/process-payment-events';

const TICK = 'payment-events';
/** For what another instance has taken in and not worked off, and for what is to be tried again. */
const INTERVAL_MS = 5_000;
/** What a shutdown waits for a payment side that does not answer. What is then unfinished, another instance takes up. */
const LONGEST_WAIT_MS = 3_000;

/** Works off payment events as soon as they come in, and at a steady interval. Rounds of one instance never overlap. */
@Injectable()
export class PaymentEventSchedule implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(PaymentEventSchedule.name);
  private round: Promise<void> | undefined;
  private mustLook = false;
  private isOver = false;
  private end: Promise<void> | undefined;

  constructor(
    private readonly processPaymentEvents: ProcessPaymentEvents,
    private readonly signal: PaymentEventSignal,
    private readonly scheduler: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const look = () => this.look();
    this.signal.listen(look);
    this.scheduler.addInterval(TICK, setInterval(look, INTERVAL_MS));
    look();
  }

  onModuleDestroy(): void {
    this.isOver = true;
    this.processPaymentEvents.stop();
    if (this.scheduler.doesExist('interval', TICK)) this.scheduler.deleteInterval(TICK);
    this.end = this.round && atMost(LONGEST_WAIT_MS, this.round);
  }

  beforeApplicationShutdown(): Promise<void> | undefined {
    return this.end;
  }

  /** Whatever comes in during a round is seen by the one after it. */
  private look(): void {
    this.mustLook = true;
    // Whoever has it look has a story of its own, which ends before this does.
    this.round ??= inStory(undefined, () => this.run());
  }

  private async run(): Promise<void> {
    while (this.mustLook && !this.isOver) {
      this.mustLook = false;
      await this.runOnce();
    }
    this.round = undefined;
  }

  private async runOnce(): Promise<void> {
    try {
      await this.processPaymentEvents.execute();
    } catch (error) {
      this.logger.warn('Payment events could not be worked off; the next tick tries again', error);
    }
  }
}

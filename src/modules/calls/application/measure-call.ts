import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { wholeMinutes } from '../domain/minutes';
import { CallMeasured } from '../public/call-measured.event';
import { Attempts } from './ports/attempts.port';

/** Settles an ended attempt whose connected time the vendor never told, by the most that it can have been. */
@Injectable()
export class MeasureCall {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly attempts: Attempts,
    private readonly events: DomainEvents,
  ) {}

  execute(attemptId: string, atMostSeconds: number): Promise<void> {
    return this.unitOfWork.run(async () => {
      const attempt = await this.attempts.lock(attemptId);
      if (attempt?.state !== 'ended' || attempt.isSettled) return;
      await this.attempts.change([{ id: attemptId, isSettled: true }], []);
      const minutes = Math.min(wholeMinutes(atMostSeconds), attempt.reservedMinutes);
      await this.events.publish(new CallMeasured(attempt, minutes));
    });
  }
}

import { Injectable } from '@nestjs/common';
import { DomainEvents, type EventType } from '../../../../shared/kernel/domain-events.port';
import { UnitOfWork } from '../../../../shared/kernel/unit-of-work.port';
import { Metrics } from '../../../../shared/observability/metrics';
import {
  CallOver,
  CallsClaimed,
  MinutesCharged,
  PlacementAnswered,
  SecondCallSuspected,
} from '../../application/observed-facts';

/** Counts what becomes of calls, once it has committed. */
@Injectable()
export class CallCounters {
  constructor(
    private readonly metrics: Metrics,
    private readonly events: DomainEvents,
    private readonly unitOfWork: UnitOfWork,
  ) {
    this.countClaims();
    this.countPlacements();
    this.countEnds();
    this.countMinutes();
  }

  private countClaims(): void {
    const claims = this.metrics.counter({
      name: 'ringonce_claims_total',
      help: 'Claims that found due calls',
    });
    const calls = this.metrics.counter({
      name: 'ringonce_claimed_calls_total',
      help: 'Calls that claims have taken for dispatch; one that comes back to the queue may be taken again',
    });
    this.onCommit(CallsClaimed, (claim) => {
      claims.inc();
      calls.inc(claim.calls);
    });
  }

  private countPlacements(): void {
    const placements = this.metrics.counter({
      name: 'ringonce_placements_total',
      help: "Vendors' answers to placements: accepted, refused (certainly no call) or unknown (maybe a call), and why",
      labelNames: ['provider', 'result', 'reason'],
    });
    this.onCommit(PlacementAnswered, ({ providerId: provider, result }) =>
      placements.inc({ provider, result: result.kind, reason: reasonOf(result) }),
    );
    const suspected = this.metrics.counter({
      name: 'ringonce_suspected_double_calls_total',
      help: 'Signs that a recipient may have been called twice; each new one is an error in the log',
    });
    this.onCommit(SecondCallSuspected, () => suspected.inc());
  }

  private countEnds(): void {
    const ended = this.metrics.counter({
      name: 'ringonce_calls_ended_total',
      help: 'Calls that came to their end, by state and outcome; one that late proof corrects ends once more',
      labelNames: ['status', 'outcome'],
    });
    this.onCommit(CallOver, ({ status, outcome }) => ended.inc({ status, outcome }));
  }

  private countMinutes(): void {
    const settled = this.metrics.counter({
      name: 'ringonce_minutes_settled_total',
      help: 'Whole minutes that ended calls were charged',
    });
    const overrun = this.metrics.counter({
      name: 'ringonce_minutes_overrun_total',
      help: 'Minutes that vendors let calls run beyond their reservation; nobody is charged for them',
    });
    this.onCommit(MinutesCharged, ({ minutes, overrunMinutes }) => {
      settled.inc(minutes);
      overrun.inc(overrunMinutes);
    });
  }

  private onCommit<E extends object>(type: EventType<E>, count: (fact: E) => void): void {
    this.events.subscribe(type, (facts) => {
      this.unitOfWork.afterCommit(() => facts.forEach(count));
      return Promise.resolve();
    });
  }
}

function reasonOf(result: PlacementAnswered['result']): string {
  if (result.kind === 'accepted') return 'none';
  return result.kind === 'refused' ? result.refusal : result.cause;
}

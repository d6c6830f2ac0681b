import { Injectable } from '@nestjs/common';
import { Metrics } from '../../../../shared/observability/metrics';
import { type ProviderOverview, ProviderPool } from '../../../providers/public/provider-pool.port';
import { type OpenAttempts, type QueueState, QueueWatch } from '../../application/ports/queue-watch.port';

interface Read {
  readonly state: QueueState;
  readonly attempts: readonly OpenAttempts[];
  readonly providers: readonly Pick<ProviderOverview, 'id'>[];
}

const GAUGES = {
  paused: ['ringonce_queue_paused', 'Whether claiming is paused (1)'],
  restored: ['ringonce_queue_restored', 'Whether claiming waits because the database was restored from a backup (1)'],
  queued: ['ringonce_queued_calls', 'Calls that wait, due or not; beyond 100,000 an estimate'],
  due: ['ringonce_due_calls', 'Calls that wait although their time has come; 100,000 means at least so many'],
  oldestDue: ['ringonce_oldest_due_call_age_seconds', 'How long the oldest due call has been due; 0 without one'],
  inProgress: ['ringonce_calls_in_progress', 'Calls under way'],
  reservations: ['ringonce_open_reservations', 'Calls whose allowance is set aside and not settled yet'],
  reservedMinutes: ['ringonce_reserved_minutes', 'Minutes that are set aside for them'],
  unknown: ['ringonce_unknown_placements', 'Placements that may or may not have happened'],
  oldestUnknown: ['ringonce_oldest_unknown_placement_age_seconds', 'How old the oldest of them is; 0 without one'],
  overdue: [
    'ringonce_most_overdue_attempt_seconds',
    'How long ago the call that overstays most should have ended by its reserved minutes; 0 without one',
  ],
} as const;
type GaugeName = keyof typeof GAUGES;

/** The queue as all instances share it: read at each scrape, from the database. */
@Injectable()
export class QueueGauges {
  constructor(
    metrics: Metrics,
    private readonly queue: QueueWatch,
    private readonly pool: ProviderPool,
  ) {
    const gauges = Object.entries(GAUGES).map(
      ([key, [name, help]]) => [key as GaugeName, metrics.gauge({ name, help })] as const,
    );
    const slots = metrics.gauge({
      name: 'ringonce_provider_slots_in_use',
      help: "Attempts that hold one of the provider's slots",
      labelNames: ['provider'],
    });
    metrics.readings.register<Read>({
      name: 'queue',
      gauges: [slots, ...gauges.map(([, gauge]) => gauge)],
      read: () => this.read(),
      show: (read) => {
        const values = valuesOf(read);
        for (const [key, gauge] of gauges) gauge.set(values[key]);
        for (const { id } of read.providers) slots.set({ provider: id }, 0);
        for (const { providerId, open } of read.attempts) slots.set({ provider: providerId }, open);
      },
    });
  }

  private async read(): Promise<Read> {
    const state = await this.queue.state();
    const attempts = await this.queue.openAttempts();
    return { state, attempts, providers: await this.pool.overview() };
  }
}

function valuesOf({ state, attempts }: Read): Readonly<Record<GaugeName, number>> {
  return {
    paused: Number(state.isPaused),
    restored: Number(state.isRestored),
    queued: state.queued,
    due: state.due,
    oldestDue: state.oldestDueSeconds,
    inProgress: state.inProgress,
    reservations: state.openReservations,
    reservedMinutes: state.reservedMinutes,
    unknown: attempts.reduce((sum, { unknown }) => sum + unknown, 0),
    oldestUnknown: Math.max(0, ...attempts.map(({ oldestUnknownSeconds }) => oldestUnknownSeconds)),
    overdue: Math.max(0, ...attempts.map(({ overdueSeconds }) => overdueSeconds)),
  };
}

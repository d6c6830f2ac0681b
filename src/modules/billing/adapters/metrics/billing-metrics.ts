import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../../shared/kernel/domain-events.port';
import { Metrics } from '../../../../shared/observability/metrics';
import { PaymentWebhookAnswered } from '../../application/observed-facts';
import { BillingWatch } from '../../application/ports/billing-watch.port';

/** From a second to three days, after which Stripe gives up. */
const LAG_BUCKETS = [0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400, 259_200];

/** Counts Stripe's webhooks on this instance, and reads at each scrape what all of them share. */
@Injectable()
export class BillingMetrics {
  constructor(
    private readonly metrics: Metrics,
    private readonly billing: BillingWatch,
    private readonly events: DomainEvents,
  ) {
    this.countWebhooks();
    this.watchBacklog();
    this.watchPeriods();
  }

  private countWebhooks(): void {
    const webhooks = this.metrics.counter({
      name: 'ringonce_stripe_webhooks_total',
      help: "Stripe's webhooks by what became of them",
      labelNames: ['result'],
    });
    const lag = this.metrics.histogram({
      name: 'ringonce_stripe_webhook_lag_seconds',
      help: "From an event, by Stripe's clock, until its webhook was taken in",
      buckets: LAG_BUCKETS,
    });
    this.events.subscribe(PaymentWebhookAnswered, (answered) => {
      for (const { result, lagSeconds } of answered) {
        webhooks.inc({ result });
        if (lagSeconds !== null) lag.observe(lagSeconds);
      }
      return Promise.resolve();
    });
  }

  private watchBacklog(): void {
    const waiting = this.metrics.gauge({
      name: 'ringonce_stripe_events_waiting',
      help: "Stripe's events that are not worked off",
    });
    const failed = this.metrics.gauge({
      name: 'ringonce_stripe_events_failed',
      help: 'Of them, those that have failed at least once and will be tried again',
    });
    const oldest = this.metrics.gauge({
      name: 'ringonce_oldest_stripe_event_age_seconds',
      help: 'How long ago the oldest of them came in; 0 without one',
    });
    this.metrics.readings.register({
      name: 'payment_events',
      gauges: [waiting, failed, oldest],
      read: () => this.billing.backlog(),
      show: (backlog) => {
        waiting.set(backlog.waiting);
        failed.set(backlog.failed);
        oldest.set(backlog.oldestSeconds);
      },
    });
  }

  private watchPeriods(): void {
    const oversold = this.metrics.gauge({
      name: 'ringonce_oversold_periods',
      help: 'Current periods in which more was reserved than granted; must be 0',
    });
    this.metrics.readings.register({
      name: 'usage',
      gauges: [oversold],
      read: () => this.billing.oversoldPeriods(),
      show: (periods) => oversold.set(periods),
    });
  }
}

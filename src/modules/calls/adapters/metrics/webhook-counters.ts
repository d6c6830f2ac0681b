import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../../shared/kernel/domain-events.port';
import { Metrics } from '../../../../shared/observability/metrics';
import { SilentCallAsked, WebhookAnswered } from '../../application/observed-facts';

/** From a second, as vendors report, to an hour, as they do when they repeat what could not be delivered. */
const LAG_BUCKETS = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600];
/** Ids that nobody has may come from anybody, and are not worth a series each. */
const NOBODY = 'unknown';

/** Counts how vendors tell of calls, and how often they have to be asked. */
@Injectable()
export class WebhookCounters {
  constructor(metrics: Metrics, events: DomainEvents) {
    const webhooks = metrics.counter({
      name: 'ringonce_provider_webhooks_total',
      help: "Vendors' webhooks by what became of them",
      labelNames: ['provider', 'result'],
    });
    const lag = metrics.histogram({
      name: 'ringonce_provider_webhook_lag_seconds',
      help: "From the end of a call, by the vendor's clock, until its webhook was taken in",
      labelNames: ['provider'],
      buckets: LAG_BUCKETS,
    });
    const silent = metrics.counter({
      name: 'ringonce_silent_calls_total',
      help: 'Calls without news that their vendor was asked about; ended: the webhook about the end never came',
      labelNames: ['provider', 'answer'],
    });
    events.subscribe(WebhookAnswered, (answered) => {
      for (const { providerId, result, lagsSeconds } of answered) {
        const provider = providerId ?? NOBODY;
        webhooks.inc({ provider, result });
        for (const seconds of lagsSeconds) lag.observe({ provider }, seconds);
      }
      return Promise.resolve();
    });
    events.subscribe(SilentCallAsked, (asked) => {
      for (const { providerId: provider, answer } of asked) silent.inc({ provider, answer });
      return Promise.resolve();
    });
  }
}

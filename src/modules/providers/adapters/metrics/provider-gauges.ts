import { Injectable } from '@nestjs/common';
import { Metrics } from '../../../../shared/observability/metrics';
import { ProviderAccounts } from '../../application/ports/provider-accounts.port';
import type { Provider } from '../../domain/provider';

/** More than anybody has accounts at vendors. */
const MOST = 200;
const STATES: readonly Provider['health'][] = ['closed', 'open', 'half-open'];

/** How each provider is doing, for all instances the same: read at each scrape, from the database. */
@Injectable()
export class ProviderGauges {
  constructor(metrics: Metrics, accounts: ProviderAccounts) {
    const info = metrics.gauge({
      name: 'ringonce_provider_info',
      help: 'Always 1; tells the name and the driver of the provider whose id the other metrics carry',
      labelNames: ['provider', 'name', 'driver'],
    });
    const gauges = healthGauges(metrics);
    metrics.readings.register({
      name: 'providers',
      gauges: [info, ...gauges.map(({ gauge }) => gauge)],
      read: async () => (await accounts.list({ limit: MOST })).items,
      show: (providers) => {
        for (const provider of providers) {
          info.set({ provider: provider.id, name: provider.name, driver: provider.driver }, 1);
          for (const { show } of gauges) show(provider);
        }
      },
    });
  }
}

function healthGauges(metrics: Metrics) {
  return [
    byProvider(metrics, 'ringonce_provider_active', 'Whether calls may go to the provider at all (1)', (one) =>
      Number(one.isActive),
    ),
    byProvider(
      metrics,
      'ringonce_provider_slots_limit',
      'Calls at once that the provider was set up for',
      ({ concurrencyLimit }) => concurrencyLimit,
    ),
    byProvider(
      metrics,
      'ringonce_provider_slots_effective_limit',
      'Calls at once just now: fewer than the limit after the vendor refused some',
      ({ effectiveLimit }) => effectiveLimit,
    ),
    breakerGauge(metrics),
    pauseGauge(metrics),
  ];
}

function byProvider(metrics: Metrics, name: string, help: string, valueOf: (provider: Provider) => number) {
  const gauge = metrics.gauge({ name, help, labelNames: ['provider'] });
  return { gauge, show: (provider: Provider) => gauge.set({ provider: provider.id }, valueOf(provider)) };
}

function breakerGauge(metrics: Metrics) {
  const gauge = metrics.gauge({
    name: 'ringonce_provider_breaker_state',
    help: 'The circuit breaker: 1 for the state that it is in, 0 for the others',
    labelNames: ['provider', 'state'],
  });
  return {
    gauge,
    show: ({ id: provider, health }: Provider) => {
      for (const state of STATES) gauge.set({ provider, state }, Number(state === health));
    },
  };
}

function pauseGauge(metrics: Metrics) {
  const gauge = metrics.gauge({
    name: 'ringonce_provider_paused',
    help: "Whether the provider is paused (1), and by whom: an administrator (hand) or the vendor's refusals (health)",
    labelNames: ['provider', 'cause'],
  });
  return {
    gauge,
    show: ({ id: provider, suspension, pausedUntil }: Provider) => {
      gauge.set({ provider, cause: 'hand' }, Number(suspension !== null));
      gauge.set({ provider, cause: 'health' }, Number(suspension === null && pausedUntil !== null));
    },
  };
}

import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { GaugeReadings } from './gauge-readings';

/** What a metric is called, what it tells in which unit, and what it is told apart by. */
interface Description<Label extends string> {
  /** `ringonce_`, then what is measured, in base units; a counter ends in `_total`. */
  readonly name: string;
  readonly help: string;
  /** Values come from short lists or are providers' ids: never a user, a number, a call or a URL. */
  readonly labelNames?: readonly Label[];
}

/**
 * The metrics of one application. Each has a registry of its own, so that several can live in one process. Counters and
 * histograms are what this instance has seen happen; `readings` are what all instances read from the one database.
 */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  readonly readings: GaugeReadings;
  private readonly requests = this.histogram({
    name: 'ringonce_http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer, by route template',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    const success = this.gauge({
      name: 'ringonce_reading_success',
      help: 'Whether this part of what is read from the database could be read last time (1) or is missing (0)',
      labelNames: ['reading'],
    });
    this.readings = new GaugeReadings((reading, isRead) => success.set({ reading }, isRead ? 1 : 0));
  }

  counter<Label extends string = never>(description: Description<Label>): Counter<Label> {
    return new Counter({ ...description, registers: [this.registry] });
  }

  /** @param collect sets the value just before it is told */
  gauge<Label extends string = never>(
    description: Description<Label>,
    collect?: (gauge: Gauge<Label>) => void,
  ): Gauge<Label> {
    return new Gauge<Label>({
      ...description,
      registers: [this.registry],
      ...(collect && {
        collect(this: Gauge<Label>) {
          collect(this);
        },
      }),
    });
  }

  histogram<Label extends string = never>(
    description: Description<Label> & { readonly buckets: readonly number[] },
  ): Histogram<Label> {
    return new Histogram({ ...description, buckets: [...description.buckets], registers: [this.registry] });
  }

  observeRequest(
    labels: { readonly method: string; readonly route: string; readonly status: number },
    seconds: number,
  ): void {
    this.requests.observe({ ...labels, status: String(labels.status) }, seconds);
  }

  /** All of them in Prometheus' text format. Never rejects for want of the database: what is read there is missing then. */
  async text(): Promise<string> {
    await this.readings.refresh();
    return this.registry.metrics();
  }
}

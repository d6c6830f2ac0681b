import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { atMost } from '../kernel/at-most';

/** Resolves when a part of the service is fit for work; rejects, or stays silent for too long, when it is not. */
export type Probe = () => Promise<void>;

export interface ReadinessReport {
  readonly isReady: boolean;
  readonly checks: Readonly<Record<string, 'ok' | 'failed'>>;
}

/** A probe that has not answered by then has failed. */
const PROBE_TIMEOUT_MS = 3_000;
/** Anybody may ask as often as they like: for so long an answer is good for everybody. */
const REPORT_LASTS_MS = 1_000;

/** What must work before the service may be sent requests. Any part adds its own probe when it starts. */
@Injectable()
export class Readiness implements OnModuleDestroy {
  private readonly probes = new Map<string, Probe>();
  /** The last report, or the one that is being made. */
  private last: { readonly report: Promise<ReadinessReport>; isGoodUntilMs: number } | undefined;

  register(name: string, probe: Probe): void {
    this.probes.set(name, oneAtATime(probe));
    this.last = undefined;
  }

  /** Whoever shares requests out learns of the end while placements under way, and their webhooks, are still served. */
  onModuleDestroy(): void {
    this.register('running', () => Promise.reject(new Error('The service is stopping')));
  }

  /** At most a second old. */
  report(): Promise<ReadinessReport> {
    if (this.last && performance.now() < this.last.isGoodUntilMs) return this.last.report;
    const asked = { report: this.ask(), isGoodUntilMs: Infinity };
    this.last = asked;
    return asked.report.finally(() => {
      asked.isGoodUntilMs = performance.now() + REPORT_LASTS_MS;
    });
  }

  private async ask(): Promise<ReadinessReport> {
    const entries = await Promise.all(
      [...this.probes].map(async ([name, probe]) => [name, await verdict(probe)] as const),
    );
    return { isReady: entries.every(([, result]) => result === 'ok'), checks: Object.fromEntries(entries) };
  }
}

/** One that hangs is waited for again, and not asked once more. */
function oneAtATime(probe: Probe): Probe {
  let underWay: Promise<void> | undefined;
  return () =>
    (underWay ??= probe().finally(() => {
      underWay = undefined;
    }));
}

async function verdict(probe: Probe): Promise<'ok' | 'failed'> {
  const answer = probe().then(
    () => 'ok' as const,
    () => 'failed' as const,
  );
  return (await atMost(PROBE_TIMEOUT_MS, answer)) ?? 'failed';
}

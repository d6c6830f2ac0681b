import type { Gauge } from 'prom-client';

/** Gauges that are read together. */
export interface GaugeReading<Value> {
  /** In the label `reading`. */
  readonly name: string;
  /** What `show` sets. They are missing while they cannot be read: a value from before would be a lie. */
  readonly gauges: readonly Gauge[];
  readonly read: () => Promise<Value>;
  readonly show: (value: Value) => void;
  /** Read before the others, which may use up the time. */
  readonly isFirst?: boolean;
}

interface Kept {
  readonly name: string;
  readonly take: (leftMs: number) => Promise<boolean>;
  goodUntilMs: number;
  isRead: boolean;
}

/** How long the readings of one scrape may take together: less than Prometheus waits for its answer (10 s). */
const PATIENCE_MS = 4_000;
/** A reading is good for so many times what it took, within limits: reading takes a tenth of one connection at most. */
const GOOD_FOR_TIMES = 10;
const GOOD_FOR_MS = { least: 1_000, most: 30_000 };

/**
 * What is read at a scrape, and not more often than the database can bear, whoever asks: scrapes at the same time share
 * one reading, and one that has just been made is told again.
 */
export class GaugeReadings {
  private readonly readings: Kept[] = [];
  private underWay: Promise<void> | undefined;
  private surround: Surround = (read) => read();

  /** @param tell hears of each reading whether it was made */
  constructor(
    private readonly tell: (name: string, isRead: boolean) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  register<Value>(reading: GaugeReading<Value>): void {
    const { name } = reading;
    const take = (leftMs: number) => this.take(reading, leftMs);
    const kept = { name, take, goodUntilMs: -Infinity, isRead: false };
    if (reading.isFirst) this.readings.unshift(kept);
    else this.readings.push(kept);
  }

  /** Whether the reading could be made last time. */
  hasRead(name: string): boolean {
    return this.readings.some((reading) => reading.name === name && reading.isRead);
  }

  /** @param surround what every reading runs in: a transaction with a time limit */
  within(surround: Surround): void {
    this.surround = surround;
  }

  /** Resolves when every reading is fresh or has failed, at the latest after 4 seconds. Never rejects. */
  refresh(): Promise<void> {
    this.underWay ??= this.readAll().finally(() => {
      this.underWay = undefined;
    });
    return this.underWay;
  }

  /** One after the other: a scrape occupies one connection. */
  private async readAll(): Promise<void> {
    const deadlineMs = this.nowMs() + PATIENCE_MS;
    for (const reading of this.readings) {
      const startedMs = this.nowMs();
      if (startedMs < reading.goodUntilMs) continue;
      reading.isRead = await reading.take(deadlineMs - startedMs);
      this.tell(reading.name, reading.isRead);
      reading.goodUntilMs = this.nowMs() + goodForMs(this.nowMs() - startedMs);
    }
  }

  private async take<Value>({ gauges, read, show }: GaugeReading<Value>, leftMs: number): Promise<boolean> {
    try {
      const value = await within(leftMs, () => this.surround(read));
      gauges.forEach(forget);
      show(value);
      return true;
    } catch {
      gauges.forEach(forget);
      return false;
    }
  }
}

type Surround = <T>(read: () => Promise<T>) => Promise<T>;

function goodForMs(tookMs: number): number {
  return Math.min(Math.max(tookMs * GOOD_FOR_TIMES, GOOD_FOR_MS.least), GOOD_FOR_MS.most);
}

/** `reset` sets a gauge without labels to 0. */
function forget(gauge: Gauge): void {
  gauge.reset();
  gauge.remove({});
}

/** What comes too late is not looked at any more, and what cannot come in time is not begun. */
async function within<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  if (milliseconds <= 0) throw new Error('No time is left');
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('No answer in time')), milliseconds);
  });
  try {
    return await Promise.race([work(), silence]);
  } finally {
    clearTimeout(timer);
  }
}

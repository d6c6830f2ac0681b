import type { Service } from './service';
import { waitFor } from './wait-for';

/** One line of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What one scrape of a service tells. */
export class Exposition {
  /** By metric, without the endings of a histogram's lines. */
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];

  constructor(readonly text: string) {
    const lines = text.split('\n');
    const types = lines.flatMap((line) => {
      const match = /^# TYPE (\S+) (\S+)$/.exec(line);
      return match ? [[match[1], match[2]] as [string, string]] : [];
    });
    this.types = new Map(types);
    this.samples = lines.filter((line) => line !== '' && !line.startsWith('#')).map(toSample);
  }

  /** The values of the metric's series that have these labels, whatever others they have. */
  values(name: string, labels: Sample['labels'] = {}): readonly number[] {
    const isMeant = (sample: Sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
    return this.samples.filter(isMeant).map(({ value }) => value);
  }

  /** Their sum; 0 without any. */
  sum(name: string, labels?: Sample['labels']): number {
    return this.values(name, labels).reduce((sum, value) => sum + value, 0);
  }

  /** The only one of them. @throws when there are more, or none */
  value(name: string, labels?: Sample['labels']): number {
    const [value, ...others] = this.values(name, labels);
    if (value === undefined || others.length > 0)
      throw new Error(
        `${name} ${JSON.stringify(labels)} has ${String(others.length + Number(value !== undefined))} series`,
      );
    return value;
  }
}

export async function scrape(service: Pick<Service, 'request'>): Promise<Exposition> {
  const { status, body } = await service.request('GET', '/metrics');
  if (status !== 200) throw new Error(`GET /metrics: ${String(status)}`);
  return new Exposition(body as string);
}

/** A scrape in which the condition holds. Readings are a second old, or ten times as old as they take. */
export function scrapeWhere(
  service: Pick<Service, 'request'>,
  condition: (exposition: Exposition) => boolean,
  what: string,
): Promise<Exposition> {
  return waitFor(async () => {
    const exposition = await scrape(service);
    return condition(exposition) ? exposition : undefined;
  }, what);
}

function toSample(line: string): Sample {
  const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (!match?.[1]) throw new Error(`No line of a scrape: ${line}`);
  const pairs = (match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
  return {
    name: match[1],
    labels: Object.fromEntries([...pairs].map(([, label, value]) => [label, value])),
    value: match[3] === '+Inf' ? Infinity : Number(match[3]),
  };
}

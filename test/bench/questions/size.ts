import { setTimeout as delay } from 'node:timers/promises';
import { BenchWorld } from '../bench-world';
import { residentMegabytes } from '../process-memory';
import type { Answer, BenchForm, Measurement, Question } from '../question';
import { fitLine, median } from '../statistics';

interface Sizes {
  readonly calls: number;
  /** Queued at a time; after each the memory is looked at. */
  readonly portion: number;
  readonly restMs: number;
}

const FULL: Sizes = { calls: 100_000, portion: 1_000, restMs: 10_000 };
const QUICK: Sizes = { calls: 200, portion: 10, restMs: 500 };

/** By then everything has been compiled, and every pool is full. */
const WARM_AT = 0.2;
const USERS = 20;
const TABLES = ['call_queue', 'call_attempts', 'user_call_history', 'usage_ledger_entries'];
const BYTES_PER_MB = 1024 ** 2;

/** Memory after so many calls. */
type Sample = readonly [calls: number, megabytes: number];

interface Round {
  readonly readyMs: number;
  readonly atRest: number;
  readonly samples: readonly Sample[];
  readonly tables: ReadonlyMap<string, { readonly table: number; readonly indexes: number }>;
}

export const size: Question = {
  name: 'size',
  asks: 'How soon is it there, how much memory does it take, and does that grow?',
  async answer(form: BenchForm): Promise<Answer> {
    const sizes = form.isQuick ? QUICK : FULL;
    const rounds: Round[] = [];
    for (let iteration = 0; iteration < form.iterations; iteration += 1)
      rounds.push(await live(form, sizes, iteration));
    return toAnswer(sizes, rounds);
  },
};

/** One instance from its start through all the calls. */
async function live({ server, say }: BenchForm, sizes: Sizes, iteration: number): Promise<Round> {
  const world = await BenchWorld.start(server, { users: USERS });
  try {
    const { pid, readyAfterMs } = world.service;
    await delay(sizes.restMs);
    const atRest = await residentMegabytes(pid);
    const samples: Sample[] = [];
    for (let calls = sizes.portion; calls <= sizes.calls; calls += sizes.portion) {
      await world.insertDueCalls(sizes.portion);
      await world.vendor.untilDone(sizes.portion);
      await world.vendor.reset();
      samples.push([calls, await residentMegabytes(pid)]);
      if (calls % (sizes.portion * 10) === 0) say(`iteration ${iteration + 1}: ${calls.toLocaleString('en')} calls`);
    }
    await world.expectAllSettled();
    return { readyMs: readyAfterMs, atRest, samples, tables: await tableSizes(world) };
  } finally {
    await world.stop();
  }
}

async function tableSizes({ database }: BenchWorld): Promise<Round['tables']> {
  const rows = await database.query<{ name: string; table: number; indexes: number }>(
    `select name, pg_table_size(name::regclass)::float8 as "table", pg_indexes_size(name::regclass)::float8 as indexes
       from unnest($1::text[]) as name`,
    [TABLES],
  );
  return new Map(
    rows.map(({ name, table, indexes }) => [name, { table: table / BYTES_PER_MB, indexes: indexes / BYTES_PER_MB }]),
  );
}

function toAnswer({ calls }: Sizes, rounds: readonly Round[]): Answer {
  const of = (value: (round: Round) => number) => rounds.map(value);
  const [all, warm] = [calls, calls * WARM_AT].map((count) => count.toLocaleString('en'));
  const sizeOf = (table: string): readonly Measurement[] => [
    { what: `${table} after ${all} calls`, unit: 'MB', values: of(({ tables }) => tables.get(table)?.table ?? 0) },
    { what: `its indexes`, unit: 'MB', values: of(({ tables }) => tables.get(table)?.indexes ?? 0) },
  ];
  return {
    measurements: [
      { what: 'start to ready', unit: 'ms', values: of(({ readyMs }) => readyMs) },
      { what: 'memory at rest', unit: 'MB', values: of(({ atRest }) => atRest) },
      { what: `memory after ${warm} calls`, unit: 'MB', values: of(({ samples }) => around(samples, calls * WARM_AT)) },
      { what: `memory after ${all} calls`, unit: 'MB', values: of(({ samples }) => around(samples, calls)) },
      {
        what: 'its slope in between, per 10,000 calls',
        unit: 'MB',
        values: of(({ samples }) => slope(samples, calls)),
      },
      ...TABLES.flatMap(sizeOf),
    ],
    ratios: [
      {
        what: `memory after ${all} calls by after ${warm}`,
        values: of(({ samples }) => around(samples, calls) / around(samples, calls * WARM_AT)),
        goal: { atMost: 1.1 },
      },
    ],
    remarks: [
      'Memory is what is resident of one process of the service, without the database and the vendor; each figure is the median of what it was around that call, because garbage comes and goes.',
      'The slope is the line with the least squares through all of it from the first to the second figure. Tables are as autovacuum has left them.',
    ],
  };
}

/** The median of the samples of the tenth of all calls that ends, or lies, there. */
function around(samples: readonly Sample[], count: number): number {
  const last = samples.at(-1)?.[0] ?? 0;
  const reach = last / 20;
  const center = Math.min(count, last - reach);
  return median(samples.filter(([calls]) => Math.abs(calls - center) <= reach).map(([, megabytes]) => megabytes));
}

function slope(samples: readonly Sample[], calls: number): number {
  return fitLine(samples.filter(([count]) => count >= calls * WARM_AT)).slope * 10_000;
}

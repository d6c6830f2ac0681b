import type { BenchServer } from '../bench-server';
import { BenchWorld, type WorldOptions } from '../bench-world';
import { inChangingOrder } from '../order';
import { Peer, type PeerName, type PeerOptions } from '../peers/peer';
import type { Answer, BenchForm, Question } from '../question';
import { median } from '../statistics';
import { Vendor } from '../vendor';

/** Calls a second. */
interface Rates {
  /** Until the vendor had received the last POST. */
  readonly sent: number;
  /** Until all was over: for the service the last webhook taken, for a peer the last job written down. */
  readonly done: number;
  /** Processor time that the vendor's own process took for a call, in ms. */
  readonly vendorMs: number;
}

interface Side {
  readonly name: string;
  measure(server: BenchServer, vendor: Vendor, count: number): Promise<Rates>;
}

const CALLS = { full: 20_000, quick: 400 };
/** Before each measurement, so that code is compiled and plans are made. */
const WARM_UP_SHARE = 0.1;
const LEAST_WARM_UP = 100;

const LIMIT = 1_000;

const OURS = 'ringonce';
const GRAPHILE = 'graphile-worker';
const WITH_WEBHOOKS = 'graphile-worker, and an INSERT for each webhook';

const SIDES: readonly Side[] = [
  ours(OURS),
  ours('ringonce, DISPATCH_BATCH_SIZE=100', { environment: { DISPATCH_BATCH_SIZE: '100' } }),
  ours('ringonce, calls of 50 users', { users: 50 }),
  peer(GRAPHILE, 'graphile-worker'),
  peer(WITH_WEBHOOKS, 'graphile-worker', { takesWebhooks: true }),
  peer('graphile-worker, 100 calls a job', 'graphile-worker', { callsPerJob: 100, concurrency: 4 }),
  peer('pg-boss', 'pg-boss', { concurrency: 2 }),
  peer('bare floor', 'bare-floor'),
];

/**
 * How many calls a second go out, and how many a second are over and settled. Whoever works on one side of it may say
 * `BENCH_CALLS=2000` and `BENCH_SIDES='ringonce;graphile-worker'`.
 */
export const throughput: Question = {
  name: 'throughput',
  asks: 'How many due calls a second go through claim, reserve, POST, record, history, webhooks and settle',
  answer: async (form) => {
    const vendor = await Vendor.start();
    const count = Number(process.env['BENCH_CALLS'] || (form.isQuick ? CALLS.quick : CALLS.full));
    try {
      return toAnswer(await measureAll(form, vendor, count), count);
    } finally {
      await vendor.stop();
    }
  },
};

type Measured = ReadonlyMap<string, readonly Rates[]>;

async function measureAll(form: BenchForm, vendor: Vendor, count: number): Promise<Measured> {
  const chosen = process.env['BENCH_SIDES']?.split(';');
  const sides = SIDES.filter(({ name }) => chosen?.includes(name) ?? true);
  const measured = new Map<string, Rates[]>(sides.map(({ name }) => [name, []]));
  for (let iteration = 0; iteration < form.iterations; iteration += 1) {
    for (const side of inChangingOrder(sides, form.seed + iteration)) {
      const rates = await side.measure(form.server, vendor, count);
      form.say(`${side.name}: ${rates.sent.toFixed(0)} sent/s, ${rates.done.toFixed(0)} done/s`);
      measured.get(side.name)?.push(rates);
    }
  }
  return measured;
}

function ours(name: string, options: WorldOptions = {}): Side {
  return {
    name,
    measure: async (server, vendor, count) => {
      await vendor.setLengths({ kind: 'at-once' });
      const world = await BenchWorld.start(server, { vendor, concurrencyLimit: LIMIT, ...options });
      try {
        return await measure(vendor, count, {
          enqueue: (calls) => world.insertDueCalls(calls),
          untilDone: (calls) => vendor.untilDone(calls),
          check: () => world.expectAllSettled(),
        });
      } finally {
        await world.stop();
      }
    },
  };
}

function peer(name: string, peerName: PeerName, options: PeerOptions = {}): Side {
  return {
    name,
    measure: async (server, vendor, count) => {
      const process = await Peer.start(peerName, server, vendor, options);
      try {
        return await measure(vendor, count, {
          enqueue: (calls) => process.enqueue(calls),
          untilDone: (calls) => (options.takesWebhooks ? vendor.untilDone(calls) : process.untilDone(calls)),
          check: () => expectPosts(vendor, count),
        });
      } finally {
        await process.stop();
      }
    },
  };
}

interface Run {
  enqueue(calls: number): Promise<number>;
  /** @param calls those of the warm-up included */
  untilDone(calls: number): Promise<number>;
  check(): Promise<void>;
}

async function measure(vendor: Vendor, count: number, run: Run): Promise<Rates> {
  await vendor.reset();
  const before = warmUpOf(count);
  await run.enqueue(before);
  await run.untilDone(before);
  const begun = await run.enqueue(count);
  const [sent, done] = await Promise.all([vendor.untilPosts(before + count), run.untilDone(before + count)]);
  await run.check();
  const { processorMs } = await vendor.counts();
  return {
    vendorMs: processorMs / (before + count),
    sent: (count * 1000) / (sent - begun),
    done: (count * 1000) / (done - begun),
  };
}

function warmUpOf(count: number): number {
  return Math.max(Math.ceil(count * WARM_UP_SHARE), LEAST_WARM_UP);
}

/** A POST that went out twice, or failed, is not what was to be measured. */
async function expectPosts(vendor: Vendor, count: number): Promise<void> {
  const { posts } = await vendor.counts();
  const expected = count + warmUpOf(count);
  if (posts !== expected) throw new Error(`The vendor received ${String(posts)} POSTs for ${String(expected)} calls`);
}

function toAnswer(measured: Measured, count: number): Answer {
  const of = (name: string, rate: keyof Rates) => (measured.get(name) ?? []).map((rates) => rates[rate]);
  const names = [...measured.keys()];
  const vendorMs = (name: string) => `${median(of(name, 'vendorMs')).toFixed(2)} ms for ${name}`;
  const over = (name: string, rate: keyof Rates, other: string) => {
    const others = of(other, rate);
    return of(name, rate).map((value, index) => value / (others[index] ?? Number.NaN));
  };
  const atLeast = { atLeast: 1 };
  return {
    measurements: [
      ...names.map((name) => ({ what: `${name}: all over`, unit: 'calls/s' as const, values: of(name, 'done') })),
      ...names.map((name) => ({ what: `${name}: POST received`, unit: 'calls/s' as const, values: of(name, 'sent') })),
    ],
    ratios: [
      { what: `${OURS} settled ÷ ${GRAPHILE} done`, values: over(OURS, 'done', GRAPHILE), goal: atLeast },
      { what: `${OURS} settled ÷ ${WITH_WEBHOOKS}`, values: over(OURS, 'done', WITH_WEBHOOKS) },
      { what: `${OURS} sent ÷ ${GRAPHILE} sent`, values: over(OURS, 'sent', GRAPHILE), goal: atLeast },
      ...names
        .filter((name) => name !== OURS && name !== GRAPHILE)
        .map((name) => ({ what: `${name} ÷ ${GRAPHILE}, all over`, values: over(name, 'done', GRAPHILE) })),
    ],
    remarks: [
      `${String(count)} calls, all due at once, limit ${String(LIMIT)}. The service also takes three webhooks for each call; a peer's job ends with its POST, but for the one that writes each webhook down, and makes nothing of it.`,
      `The vendor's own processor time for a call: ${names
        .filter((name) => [OURS, GRAPHILE].includes(name))
        .map(vendorMs)
        .join(', ')}.`,
    ],
  };
}

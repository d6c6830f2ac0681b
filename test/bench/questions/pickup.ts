import { setTimeout as delay } from 'node:timers/promises';
import { BenchWorld } from '../bench-world';
import { now } from '../clock';
import { KeptConnection } from '../kept-connection';
import { inChangingOrder } from '../order';
import { type Enqueued, Peer, type PeerName, type PeerOptions } from '../peers/peer';
import type { Answer, BenchForm, Measurement, Question, Ratio } from '../question';
import { seededRandom } from '../../../sandbox/kit/random';
import { median, percentile } from '../statistics';
import { Vendor } from '../vendor';

/** Milliseconds of one call until the vendor had received its POST. */
interface Pickup {
  /** Since just before the queue was asked to take it. */
  readonly whole: number;
  /** Since the queue had answered that it has it. Below zero where the POST was quicker than the answer. */
  readonly fromAnswer: number;
}

interface Side {
  readonly name: string;
  /** Of the samples: one that polls twice a second would keep all others waiting. */
  readonly share: number;
  enqueueOne(): Promise<Enqueued>;
  stop(): Promise<void>;
}

const SAMPLES = { full: 400, quick: 20 };
/** Each side has its turn so often in an iteration. */
const TURNS = { full: 8, quick: 2 };
const WARM_UP = { full: 100, quick: 10 };
/** Between one call and the next, at random: nobody's timer keeps step with it. */
const PAUSE_MS = { least: 10, most: 40 };

const BY_REQUEST = 'POST /v1/calls';
const BY_INSERT = 'insert into call_queue';
const GRAPHILE = 'graphile-worker';
const FLOOR = 'bare floor';

/** How soon a single call goes out while nothing else does. */
export const pickup: Question = {
  name: 'pickup',
  asks: 'How soon the vendor receives the POST of a single call that is queued while the system is idle',
  answer: async (form) => {
    const vendor = await Vendor.start();
    const sides: Side[] = [];
    try {
      sides.push(...(await ours(form, vendor)));
      for (const [name, peerName, options] of PEERS) sides.push(await peer(form, vendor, [name, peerName, options]));
      return toAnswer(await measureAll(form, vendor, sides));
    } finally {
      for (const side of sides) await side.stop();
      await vendor.stop();
    }
  },
};

type PeerChoice = readonly [name: string, peer: PeerName, options: PeerOptions];

const PEERS: readonly PeerChoice[] = [
  [GRAPHILE, 'graphile-worker', {}],
  ['pg-boss', 'pg-boss', {}],
  [FLOOR, 'bare-floor', {}],
];

type Measured = ReadonlyMap<string, readonly (readonly Pickup[])[]>;

async function measureAll(form: BenchForm, vendor: Vendor, sides: readonly Side[]): Promise<Measured> {
  const random = seededRandom(form.seed);
  await vendor.reset();
  const warmUp = form.isQuick ? WARM_UP.quick : WARM_UP.full;
  for (const side of sides) await take(side, vendor, { count: warmUp, random });
  const measured = new Map<string, Pickup[][]>(sides.map(({ name }) => [name, []]));
  for (let iteration = 0; iteration < form.iterations; iteration += 1) {
    const taken = await takeTurns(form, sides, (side, count) => take(side, vendor, { count, random }));
    for (const [name, pickups] of taken) {
      form.say(`${name}: p50 ${median(pickups.map(({ whole }) => whole)).toFixed(2)} ms`);
      measured.get(name)?.push(pickups);
    }
  }
  return measured;
}

type Take = (side: Side, count: number) => Promise<readonly Pickup[]>;

async function takeTurns(form: BenchForm, sides: readonly Side[], takeSome: Take): Promise<Map<string, Pickup[]>> {
  const [samples, turns] = form.isQuick ? [SAMPLES.quick, TURNS.quick] : [SAMPLES.full, TURNS.full];
  const taken = new Map<string, Pickup[]>(sides.map(({ name }) => [name, []]));
  for (let turn = 0; turn < turns; turn += 1)
    for (const side of inChangingOrder(sides, form.seed + turn))
      taken.get(side.name)?.push(...(await takeSome(side, samples / turns)));
  return taken;
}

/** One call after the other, each when the one before is over and a moment has passed. */
async function take(
  side: Side,
  vendor: Vendor,
  { count, random }: { readonly count: number; readonly random: () => number },
): Promise<readonly Pickup[]> {
  const pickups: Pickup[] = [];
  for (let sample = 0; sample < Math.ceil(count * side.share); sample += 1) {
    await delay(PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least));
    const { posts } = await vendor.counts();
    const { asked, answered } = await side.enqueueOne();
    const received = await vendor.untilPosts(posts + 1);
    await vendor.untilDone(posts + 1);
    pickups.push({ whole: received - asked, fromAnswer: received - answered });
  }
  return pickups;
}

/** One instance, which gets its calls in two ways. */
async function ours({ server }: BenchForm, vendor: Vendor): Promise<readonly Side[]> {
  const world = await BenchWorld.start(server, { vendor });
  const connection = new KeptConnection(world.service.url, world.user.token);
  const call = JSON.stringify({ templateId: world.templateId, recipientNumber: '+12022000000' });
  return [
    {
      name: BY_REQUEST,
      share: 1,
      enqueueOne: () => connection.post('/v1/calls', call),
      stop: () => world.stop(),
    },
    {
      name: BY_INSERT,
      share: 1,
      enqueueOne: async () => {
        const asked = now();
        return { asked, answered: await world.insertDueCalls(1) };
      },
      stop: async () => connection.close(),
    },
  ];
}

async function peer({ server }: BenchForm, vendor: Vendor, [name, peerName, options]: PeerChoice): Promise<Side> {
  const process = await Peer.start(peerName, server, vendor, options);
  return {
    name,
    share: peerName === 'pg-boss' ? POLLING_SHARE : 1,
    enqueueOne: () => process.enqueueOne(),
    stop: () => process.stop(),
  };
}

const POLLING_SHARE = 0.1;

function toAnswer(measured: Measured): Answer {
  const names = [...measured.keys()];
  const of = (name: string, what: keyof Pickup, share: number) =>
    (measured.get(name) ?? []).map((pickups) =>
      percentile(
        pickups.map((one) => one[what]),
        share,
      ),
    );
  const shown = (what: keyof Pickup, share: number, text: string): readonly Measurement[] =>
    names.map((name) => ({ what: `${name}: ${text}`, unit: 'ms', values: of(name, what, share) }));
  const over = (what: keyof Pickup, name: string, other: string): Ratio['values'] => {
    const others = of(other, what, 0.5);
    return of(name, what, 0.5).map((value, index) => value / (others[index] ?? Number.NaN));
  };
  const steady = (name: string): Ratio => {
    const middles = of(name, 'whole', 0.5);
    const values = of(name, 'whole', 0.99).map((value, index) => value / (middles[index] ?? Number.NaN));
    return { what: `${name}: p99 ÷ p50, whole`, values, goal: { atMost: 5 } };
  };
  return {
    measurements: [
      ...shown('fromAnswer', 0.5, 'from the answer, p50'),
      ...shown('fromAnswer', 0.99, 'from the answer, p99'),
      ...shown('whole', 0.5, 'whole, p50'),
      ...shown('whole', 0.99, 'whole, p99'),
    ],
    ratios: [
      { what: `${BY_INSERT} ÷ ${GRAPHILE}, whole`, values: over('whole', BY_INSERT, GRAPHILE), goal: { atMost: 1 } },
      { what: `${BY_INSERT} ÷ ${FLOOR}, whole`, values: over('whole', BY_INSERT, FLOOR), goal: { atMost: 3 } },
      {
        what: `${BY_REQUEST} ÷ ${GRAPHILE}, from the answer`,
        values: over('fromAnswer', BY_REQUEST, GRAPHILE),
        goal: { atMost: 1 },
      },
      {
        what: `${BY_REQUEST} ÷ ${FLOOR}, from the answer`,
        values: over('fromAnswer', BY_REQUEST, FLOOR),
        goal: { atMost: 3 },
      },
      steady(BY_REQUEST),
      steady(BY_INSERT),
    ],
    remarks: [
      'Whole: since just before the request or the INSERT. From the answer: since the answer to it was there.',
      'pg-boss polls, at most twice a second, and nothing wakes it; the others are notified.',
    ],
  };
}

import { BenchWorld, numberOf } from '../bench-world';
import { listSchedule } from '../list-schedule';
import { inChangingOrder } from '../order';
import type { Answer, BenchForm, Question } from '../question';
import { logNormal, seededRandom } from '../../../sandbox/kit/random';
import { Vendor } from '../vendor';

interface Setting {
  readonly slots: number;
  readonly instances: number;
  /**
   * Mean length of a call, in milliseconds. Shorter than real ones, so that the run ends in minutes, and long enough
   * that the machine, which plays the vendor as well, is not what is measured.
   */
  readonly meanMs: number;
  /** Of the ideal makespan. */
  readonly goal: number;
}

interface Makespan {
  readonly seconds: number;
  readonly toIdeal: number;
  /** What the slots stood idle beyond the ideal, in milliseconds for each call. */
  readonly idleMs: number;
}

const SETTINGS: readonly Setting[] = [
  { slots: 10, instances: 1, meanMs: 2_500, goal: 1.02 },
  { slots: 10, instances: 3, meanMs: 2_500, goal: 1.02 },
  { slots: 50, instances: 1, meanMs: 3_000, goal: 1.02 },
  { slots: 50, instances: 3, meanMs: 3_000, goal: 1.02 },
  { slots: 500, instances: 1, meanMs: 5_000, goal: 1.05 },
  { slots: 500, instances: 3, meanMs: 5_000, goal: 1.05 },
];
/** More slots than calls would say nothing. */
const MOST_QUICK_SLOTS = 10;
const CALLS = { full: 2_000, quick: 100 };
const QUICK_MEAN_MS = 200;
/** Of the lengths' logarithms: the longest of 2,000 is some five times the median. */
const SIGMA = 0.5;
const MS_PER_MINUTE = 60_000;

/** Whether slots stand idle while calls wait. */
export const slots: Question = {
  name: 'slots',
  asks: 'How long 2,000 calls of random length take on a number of slots, compared with slots that never stand idle',
  answer: async (form) => {
    const vendor = await Vendor.start();
    try {
      return await measureAll(form, vendor);
    } finally {
      await vendor.stop();
    }
  },
};

async function measureAll(form: BenchForm, vendor: Vendor): Promise<Answer> {
  const settings = SETTINGS.filter((setting) => !form.isQuick || setting.slots <= MOST_QUICK_SLOTS);
  const measured = new Map<Setting, Makespan[]>(settings.map((setting) => [setting, []]));
  for (let iteration = 0; iteration < form.iterations; iteration += 1) {
    for (const setting of inChangingOrder(settings, form.seed + iteration)) {
      const makespan = await measure(form, vendor, setting);
      form.say(`${nameOf(setting)}: ${makespan.toIdeal.toFixed(4)} × ideal, ${makespan.idleMs.toFixed(1)} ms a call`);
      measured.get(setting)?.push(makespan);
    }
  }
  return toAnswer(measured, form);
}

async function measure(form: BenchForm, vendor: Vendor, setting: Setting): Promise<Makespan> {
  const { slots: limit, instances } = setting;
  const world = await BenchWorld.start(form.server, { vendor, concurrencyLimit: limit, instances });
  try {
    await warmUp(world, 2 * limit);
    const lengths = drawLengths(form, setting);
    const msOf = Object.fromEntries(lengths.map((length, index) => [numberOf(index), length]));
    await vendor.setLengths({ kind: 'drawn', msOf });
    await vendor.reset();
    const begun = await world.insertDueCalls(lengths.length);
    await vendor.untilDone(lengths.length);
    await world.expectAllSettled();
    return await judge(vendor, begun, limit);
  } finally {
    await world.stop();
  }
}

/** Until every instance has placed calls. */
async function warmUp(world: BenchWorld, calls: number): Promise<void> {
  await world.vendor.setLengths({ kind: 'at-once' });
  await world.vendor.reset();
  await world.insertDueCalls(calls);
  await world.vendor.untilDone(calls);
}

function drawLengths({ isQuick, seed }: BenchForm, setting: Setting): readonly number[] {
  const random = seededRandom(seed);
  const median = medianMs(setting, isQuick);
  return Array.from({ length: isQuick ? CALLS.quick : CALLS.full }, () => logNormal(random, median, SIGMA));
}

/** The mean of a log-normal distribution lies above its median. */
function medianMs({ meanMs }: Setting, isQuick: boolean): number {
  return (isQuick ? QUICK_MEAN_MS : meanMs) / Math.exp(SIGMA ** 2 / 2);
}

/** The ideal is made from how long the calls really lasted: the vendor's timer is not ours. */
async function judge(vendor: Vendor, begun: number, limit: number): Promise<Makespan> {
  const calls = [...(await vendor.calls())].sort((a, b) => a.number.localeCompare(b.number));
  const { mostLive } = await vendor.counts();
  if (mostLive > limit) throw new Error(`${String(mostLive)} calls at once on ${String(limit)} slots`);
  const ideal = listSchedule(
    calls.map(({ received, ended }) => ended - received),
    limit,
  );
  const makespan = Math.max(...calls.map(({ ended }) => ended)) - begun;
  return {
    seconds: makespan / 1000,
    toIdeal: makespan / ideal,
    idleMs: ((makespan - ideal) * limit) / calls.length,
  };
}

function nameOf({ slots: limit, instances }: Setting): string {
  return `${String(limit)} slots, ${instances === 1 ? 'one instance' : `${String(instances)} instances`}`;
}

function toAnswer(measured: ReadonlyMap<Setting, readonly Makespan[]>, { isQuick }: BenchForm): Answer {
  const entries = [...measured];
  const count = isQuick ? CALLS.quick : CALLS.full;
  const medians = new Set(
    entries.map(([setting]) => `${String(Math.round(medianMs(setting, isQuick)))} ms on ${String(setting.slots)}`),
  );
  return {
    measurements: entries.flatMap(([setting, makespans]) => [
      { what: `${nameOf(setting)}: makespan`, unit: 's', values: makespans.map(({ seconds }) => seconds) },
      { what: `${nameOf(setting)}: idle for each call`, unit: 'ms', values: makespans.map(({ idleMs }) => idleMs) },
    ]),
    ratios: [
      ...entries.map(([setting, makespans]) => ({
        what: `${nameOf(setting)}: makespan ÷ ideal`,
        values: makespans.map(({ toIdeal }) => toIdeal),
        goal: { atMost: setting.goal },
      })),
      ...entries.map(([setting, makespans]) => ({
        what: `${nameOf(setting)}: the same idle time beside calls of a minute`,
        values: makespans.map(({ idleMs }) => 1 + idleMs / MS_PER_MINUTE),
      })),
    ],
    remarks: [
      `${String(count)} calls, log-normal lengths (sigma ${String(SIGMA)}), median ${[...medians].join(', ')} slots: shorter than real calls, so that what is idle between two calls weighs more than it does beside them.`,
      'From the commit of the INSERT to the end of the last call; ideal: each call begins, in order, the moment a slot is free.',
    ],
  };
}

import { BenchWorld } from '../bench-world';
import { now } from '../clock';
import { inChangingOrder } from '../order';
import type { Answer, BenchForm, Measurement, Question } from '../question';
import { fitExponent, fitLine, median } from '../statistics';

type Point = readonly [work: number, ms: number];

const CALLS = { full: [500, 1_000, 2_000, 4_000, 8_000], quick: [50, 100, 200] };
const WAITING = { full: [1_000, 4_000, 16_000, 64_000, 256_000], quick: [500, 2_000] };
/** Slots that are turned over while others wait, and how often. */
const SLOTS = 50;
const TURNS = { full: 10, quick: 2 };
const LIMIT = 1_000;
const WARM_UP_CALLS = { full: 500, quick: 50 };

/** Linear, and flat, up to what a fit through five points can tell. */
const LINEAR = 1.1;
const FLAT = 0.1;

/** Whether the time for a call depends on how many there are. */
export const costShape: Question = {
  name: 'cost-shape',
  asks: 'How the time of dispatch grows with the calls that are dispatched, and that of a claim with the calls that wait',
  answer: async (form) => {
    const dispatched: (readonly Point[])[] = [];
    const claimed: (readonly Point[])[] = [];
    for (let iteration = 0; iteration < form.iterations; iteration += 1) {
      dispatched.push(await dispatchPoints(form, iteration));
      claimed.push(await claimPoints(form, iteration));
    }
    return toAnswer(dispatched, claimed);
  },
};

/** Whole dispatches of so many calls, one after the other on one database. */
async function dispatchPoints(form: BenchForm, iteration: number): Promise<readonly Point[]> {
  const size = form.isQuick ? 'quick' : 'full';
  const world = await BenchWorld.start(form.server, { concurrencyLimit: LIMIT });
  try {
    await dispatch(world, WARM_UP_CALLS[size]);
    const points: Point[] = [];
    for (const count of inChangingOrder(CALLS[size], form.seed + iteration)) {
      const ms = await dispatch(world, count);
      form.say(`${String(count)} calls: ${ms.toFixed(0)} ms`);
      points.push([count, ms]);
    }
    return points.sort(byWork);
  } finally {
    await world.stop();
  }
}

async function dispatch(world: BenchWorld, count: number): Promise<number> {
  await world.vendor.reset();
  const begun = await world.insertDueCalls(count);
  const done = await world.vendor.untilDone(count);
  await world.expectAllSettled();
  return done - begun;
}

async function claimPoints(form: BenchForm, iteration: number): Promise<readonly Point[]> {
  const size = form.isQuick ? 'quick' : 'full';
  const points: Point[] = [];
  for (const waiting of inChangingOrder(WAITING[size], form.seed + iteration)) {
    const ms = await turnOver(form, waiting, TURNS[size]);
    form.say(`${String(waiting)} waiting: ${ms.toFixed(1)} ms for ${String(SLOTS)} slots`);
    points.push([waiting, ms]);
  }
  return points.sort(byWork);
}

/**
 * Every slot is taken, so many calls wait; then all calls end at once, until all slots are taken again: webhooks, claims
 * and POSTs. @returns the median of some turns, in ms
 */
async function turnOver(form: BenchForm, waiting: number, turns: number): Promise<number> {
  const world = await BenchWorld.start(form.server, { concurrencyLimit: SLOTS });
  const { vendor } = world;
  try {
    await vendor.setLengths({ kind: 'held' });
    await world.insertDueCalls(waiting);
    await vendor.untilPosts(SLOTS);
    const times = [];
    for (let turn = 1; turn <= turns + 1; turn += 1) {
      const begun = now();
      await vendor.release();
      times.push((await vendor.untilPosts((turn + 1) * SLOTS)) - begun);
    }
    // The first one warms up.
    return median(times.slice(1));
  } finally {
    await world.stop();
  }
}

function byWork([a]: Point, [b]: Point): number {
  return a - b;
}

function toAnswer(dispatched: readonly (readonly Point[])[], claimed: readonly (readonly Point[])[]): Answer {
  const lines = dispatched.map(fitLine);
  return {
    measurements: [
      ...perWork(dispatched, (work) => `dispatch of ${work} calls`),
      ...perWork(claimed, (work) => `${String(SLOTS)} slots turned over, ${work} waiting`),
      { what: 'dispatch, fitted: each call', unit: 'ms', values: lines.map(({ slope }) => slope) },
      { what: 'dispatch, fitted: beside the calls', unit: 'ms', values: lines.map(({ intercept }) => intercept) },
    ],
    ratios: [
      {
        what: 'dispatch grows with calls to the power of',
        values: dispatched.map(fitExponent),
        goal: { atMost: LINEAR },
      },
      {
        what: 'claim grows with waiting calls to the power of',
        values: claimed.map(fitExponent),
        goal: { atMost: FLAT },
      },
      { what: 'dispatch: what a straight line explains (R²)', values: lines.map(({ fit }) => fit) },
    ],
    remarks: ['A power of 1 is linear, one of 0 flat.'],
  };
}

function perWork(iterations: readonly (readonly Point[])[], name: (work: string) => string): readonly Measurement[] {
  return (iterations[0] ?? []).map(([work], index) => ({
    what: name(work.toLocaleString('en-US')),
    unit: 'ms',
    values: iterations.map((points) => points[index]?.[1] ?? Number.NaN),
  }));
}

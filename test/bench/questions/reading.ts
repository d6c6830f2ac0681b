import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { FAILED_ONE_OF, LargeTables } from '../../support/large-tables';
import { type BenchUser, BenchWorld } from '../bench-world';
import { inChangingOrder } from '../order';
import type { Answer, BenchForm, Question } from '../question';
import { median } from '../statistics';
import { signToken } from '../tokens';

/** As a client pages that names no limit. */
const PAGE = 50;
/** For getting to a deep page quickly; a cursor is a place in the list, whatever the pages before it were. */
const LARGEST_PAGE = 200;
/** Rows of the history, their indexes and what is written besides, with room to sort. */
const BYTES_PER_ROW = 3_000;

interface Sizes {
  readonly history: number;
  readonly finished: number;
  readonly waiting: number;
  readonly users: number;
  /** The deep page. */
  readonly page: number;
  readonly requests: number;
}

const FULL: Sizes = {
  history: 10_000_000,
  finished: 1_000_000,
  waiting: 100_000,
  users: 50,
  page: 1_000,
  requests: 100,
};
const QUICK: Sizes = { history: 20_000, finished: 5_000, waiting: 1_000, users: 10, page: 40, requests: 10 };

export const reading: Question = {
  name: 'reading',
  asks: 'Is every page as quick as the first one, however much there is?',
  async answer(form: BenchForm): Promise<Answer> {
    const sizes = form.isQuick ? QUICK : await fullSizes();
    const world = await BenchWorld.start(form.server, { users: sizes.users });
    try {
      await world.ask('POST', '/v1/admin/queue/pause', await signToken(world.user.id, true));
      await fill(world, sizes, form.say);
      return await measure(form, sizes, world);
    } finally {
      await world.stop();
    }
  },
};

/** Half of it where the disk is short. */
async function fullSizes(): Promise<Sizes> {
  const { bavail, bsize } = await statfs(tmpdir());
  return bavail * bsize > FULL.history * BYTES_PER_ROW ? FULL : { ...FULL, history: FULL.history / 2 };
}

async function fill({ database }: BenchWorld, sizes: Sizes, say: BenchForm['say']): Promise<void> {
  const tables = new LargeTables(database.query, say);
  await tables.addUsers(0);
  await tables.addFinished(sizes.finished);
  await tables.addHistory(sizes.history - sizes.finished);
  await tables.addWaiting(sizes.waiting);
  await tables.settle();
}

async function measure(form: BenchForm, sizes: Sizes, world: BenchWorld): Promise<Answer> {
  form.say(`turning to page ${sizes.page} of the history of each of ${sizes.users} users`);
  const readers: Reader[] = [];
  for (const user of world.users) readers.push(await Reader.of(world, user, sizes.page));
  const times = new Map(READS.map(({ what }) => [what, [] as number[]]));
  for (let iteration = 0; iteration < form.iterations; iteration += 1) {
    form.say(`iteration ${iteration + 1}`);
    await read(readers, 2);
    for (const [what, values] of await read(readers, sizes.requests)) times.get(what)?.push(median(values));
  }
  const of = (what: string) => times.get(what) ?? [];
  const [first, deep] = [of(FIRST), of(DEEP)];
  const page = sizes.page.toLocaleString('en');
  return {
    measurements: READS.map(({ what }) => ({
      what: what.replace(DEEP, `history, page ${page}`),
      unit: 'ms',
      values: of(what),
    })),
    ratios: [
      {
        what: `history, page ${page} by page 1, ${sizes.history.toLocaleString('en')} rows`,
        values: deep.map((value, index) => value / (first[index] ?? Number.NaN)),
        goal: { atMost: 1.2 },
      },
    ],
    remarks: [
      `${sizes.history.toLocaleString('en')} rows of history of ${sizes.users} users, in turns; ${sizes.finished.toLocaleString('en')} of them with their ` +
        `calls, attempts and lines in the ledger. Beside them ${sizes.waiting.toLocaleString('en')} calls wait, and the queue is paused. Transcripts have some 250 characters.`,
      `One request at a time through the API, pages of ${PAGE}, every request by another user. The deep page is reached by its cursor, as a client reaches it.`,
    ],
  };
}

/** Every kind of request in turns, each time by another user. @returns milliseconds by kind */
async function read(readers: readonly Reader[], requests: number): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map(READS.map(({ what }) => [what, [] as number[]]));
  for (let round = 0; round < requests; round += 1) {
    const reader = readers[round % readers.length];
    if (!reader) throw new Error('Nobody reads');
    for (const { what, path } of inChangingOrder(READS, round)) times.get(what)?.push(await reader.time(path(reader)));
  }
  return times;
}

/** A user who reads. */
class Reader {
  private constructor(
    private readonly world: BenchWorld,
    private readonly user: BenchUser,
    /** Where the deep page begins. */
    readonly cursor: string,
  ) {}

  static async of(world: BenchWorld, user: BenchUser, page: number): Promise<Reader> {
    let cursor = '';
    for (let left = (page - 1) * PAGE; left > 0; left -= LARGEST_PAGE) {
      const limit = Math.min(left, LARGEST_PAGE);
      const path = `/v1/call-history?limit=${limit}${cursor && `&cursor=${cursor}`}`;
      cursor = String((await world.ask('GET', path, user.token))['nextCursor']);
    }
    return new Reader(world, user, cursor);
  }

  /** @returns milliseconds to the whole answer, read */
  async time(path: string): Promise<number> {
    const token = path.startsWith('/v1/admin/') ? await signToken(this.user.id, true) : this.user.token;
    const begun = performance.now();
    const answer = await this.world.ask('GET', path, token);
    const took = performance.now() - begun;
    const { items } = answer as { readonly items?: readonly unknown[] };
    if (path.includes('history') && items?.length !== PAGE) throw new Error(`${path} is not a whole page`);
    return took;
  }
}

const FIRST = 'history, page 1';
const DEEP = 'history, deep page';

const READS: readonly { readonly what: string; readonly path: (reader: Reader) => string }[] = [
  { what: FIRST, path: () => '/v1/call-history' },
  { what: DEEP, path: ({ cursor }) => `/v1/call-history?cursor=${cursor}` },
  { what: 'calls, page 1', path: () => '/v1/calls' },
  { what: 'calls, queued', path: () => '/v1/calls?status=queued' },
  { what: `calls, failed (one of ${FAILED_ONE_OF})`, path: () => '/v1/calls?status=failed' },
  { what: 'calls, canceled (none)', path: () => '/v1/calls?status=canceled' },
  { what: 'usage', path: () => '/v1/usage' },
  { what: 'usage, its lines', path: () => '/v1/usage/entries' },
  { what: 'admin: the queue', path: () => '/v1/admin/queue' },
  { what: 'admin: calls, page 1', path: () => '/v1/admin/calls' },
  { what: `admin: calls, failed (one of ${FAILED_ONE_OF})`, path: () => '/v1/admin/calls?status=failed' },
  { what: 'admin: calls, canceled (none)', path: () => '/v1/admin/calls?status=canceled' },
];

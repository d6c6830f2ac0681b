import { Client } from 'pg';
import { LargeTables } from '../../support/large-tables';
import type { BenchDatabase } from '../bench-database';
import { Claimant } from '../claimant';
import type { Answer, BenchForm, Measurement, Question, Ratio } from '../question';
import { median } from '../statistics';

/** As many as a service has that is worth its name; each claim takes calls of as many as it has rows. */
const USERS = 100;
const WARM_UP = 5;

interface Sizes {
  readonly few: number;
  readonly many: number;
  readonly most: number;
  readonly churned: number;
  readonly claims: number;
}

const FULL: Sizes = { few: 1_000, many: 100_000, most: 1_000_000, churned: 20_000, claims: 200 };
const QUICK: Sizes = { few: 500, many: 2_000, most: 5_000, churned: 300, claims: 10 };

/** What a claim finds in the tables. */
interface Scene {
  readonly what: string;
  readonly fill: (tables: LargeTables) => Promise<void>;
  /** What a claim here may take of what it takes with few calls. */
  readonly atMost?: number;
  readonly isPinned?: boolean;
  /** Whether the price of a look is of interest, too. */
  readonly isLookedAt?: boolean;
}

export const backlog: Question = {
  name: 'backlog',
  asks: 'Does a claim cost the same however long the queue is, and whatever lies beside it?',
  async answer(form: BenchForm): Promise<Answer> {
    const sizes = form.isQuick ? QUICK : FULL;
    const sides: Side[] = [];
    try {
      for (const scene of scenesOf(sizes)) sides.push(await Side.open(form, scene));
      const idle = await compareIdle(form, sizes, sides);
      const busy = await compareBusy(form, sizes, sides);
      return {
        measurements: [...idle.measurements, ...busy.measurements],
        ratios: [...busy.ratios, ...idle.ratios],
        remarks: REMARKS,
      };
    } finally {
      for (const side of sides) await side.close();
    }
  },
};

const REMARKS = [
  'A claim is the whole transaction of the product: it locks the providers, counts what is open, takes 10 calls of ' +
    '10 users, reserves, writes the attempts and commits. Its attempts are ended, and as many calls queued again, outside of the measured time.',
  'The databases are on one server, and the claims on them take turns. Vacuum and analyze have run once after they were filled, as autovacuum does within a minute.',
  'A look is what every instance does each second and whenever calls are queued: is anything due, and when is the next?',
];

const number = (value: number) => value.toLocaleString('en');

/** The first one is what the others are compared with. */
function scenesOf({ few, many, most, churned }: Sizes): readonly Scene[] {
  const due = (tables: LargeTables) => tables.addWaiting(few);
  return [
    { what: `${number(few)} waiting`, fill: due, isLookedAt: true },
    {
      what: `${number(few)} waiting, ${number(most)} due tomorrow`,
      fill: due,
      atMost: 1.2,
    },
    { what: `${number(many)} waiting`, fill: (tables) => tables.addWaiting(many), atMost: 1.2 },
    {
      what: `${number(most)} waiting`,
      fill: (tables) => tables.addWaiting(most),
      atMost: 1.2,
      isLookedAt: true,
    },
    {
      what: `${number(most)} waiting, all due at the same second`,
      fill: (tables) => tables.addWaiting(most, 'same-second'),
      atMost: 1.2,
    },
    {
      what: `${number(few)} waiting, ${number(most)} finished`,
      fill: async (tables) => {
        await tables.addFinished(most);
        await due(tables);
      },
      atMost: 1.2,
    },
    {
      what: `${number(few)} waiting, ${number(churned)} claimed while an old transaction is open`,
      fill: due,
      isPinned: true,
      isLookedAt: true,
    },
  ];
}

/** What an instance pays while nothing is due: with an empty queue, and with one that is full of calls for tomorrow. */
async function compareIdle(form: BenchForm, { most, claims }: Sizes, sides: readonly Side[]) {
  const [empty, ahead] = sides;
  if (!empty || !ahead) throw new Error('There is nothing to compare');
  await ahead.fill((tables) => tables.addWaiting(most, 'tomorrow'));
  const rounds = Math.ceil(claims / 4);
  const looks = new Times([empty, ahead]);
  const takes = new Times([empty, ahead]);
  for (let iteration = 0; iteration < form.iterations; iteration += 1) {
    form.say(`iteration ${iteration + 1}: nothing is due`);
    await looks.take(rounds, (side) => side.look());
    await takes.take(rounds, (side) => side.claimNothing());
  }
  const what = `nothing due, ${number(most)} due tomorrow`;
  return {
    measurements: [
      looks.measurement(empty, 'a look, nothing in the queue'),
      looks.measurement(ahead, `a look, ${what}`),
      takes.measurement(empty, 'a claim in vain, nothing in the queue'),
      takes.measurement(ahead, `a claim in vain, ${what}`),
    ],
    ratios: [
      looks.ratio(ahead, empty, `a look, ${what}, by one with nothing in the queue`, 1.2),
      takes.ratio(ahead, empty, `a claim in vain, ${what}, by one with nothing in the queue`, 1.2),
    ],
  };
}

async function compareBusy(form: BenchForm, { churned, claims }: Sizes, sides: readonly Side[]) {
  for (const side of sides) await side.prepare(form, churned);
  const claimed = new Times(sides);
  const lookedAt = sides.filter(({ scene }) => scene.isLookedAt);
  const looked = new Times(lookedAt);
  for (let iteration = 0; iteration < form.iterations; iteration += 1) {
    form.say(`iteration ${iteration + 1}: ${claims} claims on each of ${sides.length} databases`);
    await claimed.take(claims, (side) => side.claim());
    await looked.take(Math.ceil(claims / 10), (side) => side.look());
  }
  const [first, ...others] = sides;
  if (!first) throw new Error('There is nothing to compare');
  return {
    measurements: [
      ...sides.map((side) => claimed.measurement(side, `claim of 10, ${side.scene.what}`)),
      ...lookedAt.map((side) => looked.measurement(side, `a look, ${side.scene.what}`)),
    ],
    ratios: [
      ...others.map((side) =>
        claimed.ratio(side, first, `claim, ${side.scene.what}, by ${first.scene.what}`, side.scene.atMost),
      ),
      ...lookedAt
        .slice(1)
        .map((side) => looked.ratio(side, first, `a look, ${side.scene.what}, by ${first.scene.what}`)),
    ],
  };
}

/** The medians of each side, one per iteration. */
class Times {
  private readonly medians: ReadonlyMap<Side, number[]>;

  constructor(private readonly sides: readonly Side[]) {
    this.medians = new Map(sides.map((side) => [side, []]));
  }

  /** The sides take turns, and each round another one begins. @param measure says how many milliseconds one took */
  async take(rounds: number, measure: (side: Side) => Promise<number>): Promise<void> {
    const times = new Map<Side, number[]>(this.sides.map((side) => [side, []]));
    for (let round = 0; round < rounds; round += 1) {
      const begin = round % this.sides.length;
      for (const side of [...this.sides.slice(begin), ...this.sides.slice(0, begin)])
        times.get(side)?.push(await measure(side));
    }
    for (const [side, values] of times) this.of(side).push(median(values));
  }

  measurement(side: Side, what: string): Measurement {
    return { what, unit: 'ms', values: this.of(side) };
  }

  ratio(side: Side, other: Side, what: string, atMost?: number): Ratio {
    const base = this.of(other);
    const values = this.of(side).map((value, index) => value / (base[index] ?? Number.NaN));
    return { what, values, ...(atMost !== undefined && { goal: { atMost } }) };
  }

  private of(side: Side): number[] {
    const values = this.medians.get(side);
    if (!values) throw new Error(`${side.scene.what} is not measured here`);
    return values;
  }
}

/** One database with its scene, and the product's claims on it. */
class Side {
  private readonly tables: LargeTables;
  private pin: Client | undefined;

  private constructor(
    readonly scene: Scene,
    private readonly database: BenchDatabase,
    private readonly claimant: Claimant,
    say: (progress: string) => void,
  ) {
    this.tables = new LargeTables(database.query, say);
  }

  static async open({ server, say }: BenchForm, scene: Scene): Promise<Side> {
    const database = await server.createDatabase();
    const side = new Side(scene, database, await Claimant.on(database), say);
    await side.tables.addUsers(USERS);
    await side.tables.addTemplate(await side.claimant.addProvider());
    return side;
  }

  async fill(fill: Scene['fill']): Promise<void> {
    await fill(this.tables);
    await this.tables.settle();
  }

  async prepare({ say }: BenchForm, churned: number): Promise<void> {
    say(`filling: ${this.scene.what}`);
    await this.fill(this.scene.fill);
    for (let claims = 0; claims < WARM_UP; claims += 1) await this.claim();
    if (!this.scene.isPinned) return;
    await this.holdBackVacuum();
    for (let claimed = 0; claimed < churned;) claimed += await this.churn(100);
  }

  /** @returns milliseconds */
  async look(): Promise<number> {
    const begun = performance.now();
    await this.claimant.look();
    return performance.now() - begun;
  }

  async claimNothing(): Promise<number> {
    const begun = performance.now();
    const taken = await this.claimant.claim();
    const took = performance.now() - begun;
    if (taken !== 0) throw new Error(`${taken} calls were claimed, although none is due`);
    return took;
  }

  /** Claims ten, then ends them and queues as many. @returns milliseconds of the claim */
  async claim(): Promise<number> {
    const begun = performance.now();
    const taken = await this.claimant.claim();
    const took = performance.now() - begun;
    if (taken !== 10) throw new Error(`${taken} calls were claimed instead of 10: ${this.scene.what}`);
    await this.replace(taken);
    return took;
  }

  async close(): Promise<void> {
    await this.pin?.end();
    await this.claimant.close();
    await this.database.drop();
  }

  private async churn(limit: number): Promise<number> {
    const taken = await this.claimant.claim(limit);
    await this.replace(taken);
    return taken;
  }

  private async replace(taken: number): Promise<void> {
    await this.database.query(END_ATTEMPTS);
    await this.tables.addWaiting(taken);
  }

  /** A report that somebody runs, a session that somebody forgot: rows that it might still see are not cleaned away. */
  private async holdBackVacuum(): Promise<void> {
    this.pin = new Client({ connectionString: this.database.superuserUrl });
    await this.pin.connect();
    await this.pin.query('begin isolation level repeatable read');
    await this.pin.query('select count(*) from dispatch_control');
  }
}

const END_ATTEMPTS = `
  with over as (
    update call_attempts set state = 'ended', is_settled = true, ended_at = clock_timestamp()
     where state = 'placing' returning call_queue_id)
  update call_queue set status = 'completed', ended_at = clock_timestamp()
   where id = any (array(select call_queue_id from over))`;

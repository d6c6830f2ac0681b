import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import type { BenchDatabase } from '../bench-database';
import { BenchWorld, numberOf } from '../bench-world';
import { Child } from '../../support/child-process';
import { type LoadRequest, type LoadResult, putLoadOn } from '../load';
import type { Answer, BenchForm, Question, Ratio } from '../question';
import { median } from '../statistics';
import { signToken } from '../tokens';
import { WebhookLoad } from '../webhook-load';

const CONNECTIONS = 200;
const USERS = 50;
const BATCH = 1_000;
const BARE_HANDLER = join(__dirname, '../peers/bare-handler.ts');

interface Sizes {
  readonly requests: number;
  readonly batches: number;
  readonly webhooks: number;
  /** Calls of one user that wait already. */
  readonly waiting: number;
  readonly single: number;
}

const FULL: Sizes = { requests: 6_000, batches: 20, webhooks: 4_000, waiting: 50_000, single: 200 };
const QUICK: Sizes = { requests: 400, batches: 3, webhooks: 200, waiting: 2_000, single: 20 };

export const frontDoor: Question = {
  name: 'front-door',
  asks: 'What does everything that a request goes through cost, beside a handler that only inserts?',
  async answer(form: BenchForm): Promise<Answer> {
    const world = await BenchWorld.start(form.server, { users: USERS, concurrencyLimit: 10_000 });
    const bare = await BareSide.start(form);
    try {
      return await new FrontDoor(form, form.isQuick ? QUICK : FULL, { world, bare }).measure();
    } finally {
      await bare.stop();
      await world.stop();
    }
  },
};

const REMARKS = [
  'A request of ours has a token, an idempotency key of its own and a body to validate; the user, the template and the allowance are checked, row-level security applies, ' +
    `and the answer is kept for the key. ${USERS} users take turns. The queue is paused meanwhile, so that nothing is dispatched.`,
  'The bare handler is Fastify with one INSERT of the same row into the same table with the same indexes, in a process of its own, with as many database connections. It checks nothing.',
  'The raw INSERT writes 1,000 rows in one statement on one connection, from one JSON parameter. Batches are sent one after the other.',
  'Webhooks are end-of-call reports of calls that the service has placed: each ends an attempt and its call, completes the history and settles the usage.',
];

/** Of one iteration. */
interface Round {
  readonly ours: LoadResult;
  readonly theirs: LoadResult;
  readonly batch: number;
  readonly raw: number;
  readonly webhooks: LoadResult;
  readonly fresh: number;
  readonly burdened: number;
}

class FrontDoor {
  private turn = 0;

  constructor(
    private readonly form: BenchForm,
    private readonly sizes: Sizes,
    private readonly sides: { readonly world: BenchWorld; readonly bare: BareSide },
  ) {}

  async measure(): Promise<Answer> {
    const { iterations, say } = this.form;
    await this.hold('pause');
    await this.single(CONNECTIONS);
    const webhooks = await WebhookLoad.prepare(this.world);
    const rounds: Round[] = [];
    for (let iteration = 0; iteration < iterations; iteration += 1) {
      say(`iteration ${iteration + 1}`);
      rounds.push(await this.round(iteration, webhooks));
    }
    return this.toAnswer(rounds);
  }

  private async round(iteration: number, webhooks: WebhookLoad): Promise<Round> {
    const single = await this.single(this.sizes.requests, iteration % 2 === 1);
    const batches = await this.batches();
    const burden = await this.burden();
    await this.hold('resume');
    const reported = await webhooks.run(this.sizes.webhooks, CONNECTIONS);
    await this.hold('pause');
    return { ...single, ...batches, ...burden, webhooks: reported };
  }

  private get world(): BenchWorld {
    return this.sides.world;
  }

  /** One call per request, at both doors in turns. */
  private async single(requests: number, isReversed = false): Promise<Pick<Round, 'ours' | 'theirs'>> {
    const { world, sides } = this;
    const load = (url: string, next: () => LoadRequest) => putLoadOn({ url, connections: CONNECTIONS, requests, next });
    const measure = {
      ours: () => load(world.service.url, () => this.order()),
      theirs: () => load(sides.bare.url, () => sides.bare.order()),
    };
    const first = isReversed ? await measure.theirs() : undefined;
    const ours = await measure.ours();
    const theirs = first ?? (await measure.theirs());
    await this.empty();
    return { ours, theirs };
  }

  /** @returns rows per second of the batch route and of the raw INSERT, which take turns */
  private async batches(): Promise<Pick<Round, 'batch' | 'raw'>> {
    const ours: number[] = [];
    const raw: number[] = [];
    for (let index = 0; index < this.sizes.batches; index += 1) {
      ours.push(await timeOf(() => this.queueBatch()));
      raw.push(await timeOf(() => this.sides.bare.insertBatch()));
    }
    await this.empty();
    return { batch: (BATCH / median(ours)) * 1_000, raw: (BATCH / median(raw)) * 1_000 };
  }

  /** @returns milliseconds of one request at a time, by a user with nothing in the queue and by one with a lot in it */
  private async burden(): Promise<Pick<Round, 'fresh' | 'burdened'>> {
    const [fresh, burdened] = this.world.users;
    if (!fresh || !burdened) throw new Error('Two users are needed');
    await this.world.database.query(
      `insert into call_queue (user_id, template_id, recipient_number) select $1, $2, '+12025550123' from generate_series(1, $3::int)`,
      [burdened.id, this.world.templateId, this.sizes.waiting],
    );
    await this.world.database.query('vacuum (analyze) call_queue');
    const times = { fresh: [] as number[], burdened: [] as number[] };
    for (let index = 0; index < this.sizes.single; index += 1) {
      times.fresh.push(await timeOf(() => this.world.ask('POST', '/v1/calls', fresh.token, this.call())));
      times.burdened.push(await timeOf(() => this.world.ask('POST', '/v1/calls', burdened.token, this.call())));
    }
    await this.empty();
    return { fresh: median(times.fresh), burdened: median(times.burdened) };
  }

  private order(): LoadRequest {
    this.turn += 1;
    const user = this.world.users[this.turn % USERS] ?? this.world.user;
    return {
      path: '/v1/calls',
      headers: { authorization: `Bearer ${user.token}`, 'idempotency-key': randomUUID() },
      body: JSON.stringify(this.call()),
    };
  }

  private call() {
    return { templateId: this.world.templateId, recipientNumber: numberOf(this.turn % BATCH), customVariables: {} };
  }

  private async queueBatch(): Promise<void> {
    this.turn += 1;
    const { token } = this.world.users[this.turn % USERS] ?? this.world.user;
    const calls = Array.from({ length: BATCH }, (_, index) => ({ recipientNumber: numberOf(index) }));
    const body = { templateId: this.world.templateId, calls };
    const { accepted } = await this.world.ask('POST', '/v1/calls/batch', token, body);
    if ((accepted as unknown[]).length !== BATCH) throw new Error('The batch was not accepted whole');
  }

  /** Administrators stop and restart the dispatching. */
  private async hold(action: 'pause' | 'resume'): Promise<void> {
    await this.world.ask('POST', `/v1/admin/queue/${action}`, await signToken(this.world.user.id, true));
  }

  /** What has been queued is taken away on both sides, and the room it took is given free as autovacuum would. */
  private async empty(): Promise<void> {
    for (const database of [this.world.database, this.sides.bare.database]) {
      await database.query(`delete from call_queue where status = 'queued'`);
      await database.query('delete from idempotency_keys');
      await database.query('vacuum (analyze) call_queue, idempotency_keys');
      await database.query('checkpoint');
    }
  }

  private toAnswer(rounds: readonly Round[]): Answer {
    const of = (value: (round: Round) => number) => rounds.map(value);
    const ratio = (what: string, value: (round: Round) => number, goal?: Ratio['goal']): Ratio => ({
      what,
      values: of(value),
      ...(goal && { goal }),
    });
    const waiting = this.sizes.waiting.toLocaleString('en');
    return {
      measurements: [
        { what: 'POST /v1/calls, 200 connections', unit: 'requests/s', values: of(({ ours }) => ours.perSecond) },
        { what: 'bare handler, 200 connections', unit: 'requests/s', values: of(({ theirs }) => theirs.perSecond) },
        { what: 'POST /v1/calls, 95th percentile', unit: 'ms', values: of(({ ours }) => ours.p95) },
        { what: 'bare handler, 95th percentile', unit: 'ms', values: of(({ theirs }) => theirs.p95) },
        { what: 'POST /v1/calls/batch of 1,000', unit: 'rows/s', values: of(({ batch }) => batch) },
        { what: 'raw INSERT of 1,000 rows', unit: 'rows/s', values: of(({ raw }) => raw) },
        { what: 'webhooks, 200 connections', unit: 'requests/s', values: of(({ webhooks }) => webhooks.perSecond) },
        { what: 'webhooks, 95th percentile', unit: 'ms', values: of(({ webhooks }) => webhooks.p95) },
        { what: 'one POST /v1/calls at a time', unit: 'ms', values: of(({ fresh }) => fresh) },
        { what: `the same, by a user with ${waiting} waiting`, unit: 'ms', values: of(({ burdened }) => burdened) },
      ],
      ratios: [
        ratio('POST /v1/calls by bare handler', ({ ours, theirs }) => ours.perSecond / theirs.perSecond, {
          atLeast: 0.6,
        }),
        ratio('batch by raw INSERT', ({ batch, raw }) => batch / raw, { atLeast: 0.5 }),
        ratio('95th percentile by that of the bare handler', ({ ours, theirs }) => ours.p95 / theirs.p95),
        ratio(`a user with ${waiting} waiting by one with none`, ({ burdened, fresh }) => burdened / fresh),
      ],
      remarks: REMARKS,
    };
  }
}

/** A database of the same schema, with a bare handler in front of it and a connection for raw statements. */
class BareSide {
  private turn = 0;

  private constructor(
    readonly database: BenchDatabase,
    private readonly handler: { readonly process: Child; readonly url: string },
    private readonly client: Client,
    private readonly row: { readonly users: readonly string[]; readonly templateId: string },
  ) {}

  static async start({ server }: BenchForm): Promise<BareSide> {
    const database = await server.createDatabase();
    const users: string[] = [];
    for (let index = 0; index < USERS; index += 1) users.push(await database.createUser());
    const [template] = await database.query<{ id: string }>(
      `insert into call_templates (name, is_public) values ('Reminder', true) returning id`,
    );
    const process = Child.start(BARE_HANDLER);
    const url = await process.ask<string>('start', database.url);
    const client = new Client({ connectionString: database.url });
    await client.connect();
    return new BareSide(database, { process, url }, client, { users, templateId: template?.id ?? '' });
  }

  get url(): string {
    return this.handler.url;
  }

  order(): LoadRequest {
    const [recipientNumber, userId] = [numberOf(this.turn % BATCH), this.nextUser()];
    const body = { userId, templateId: this.row.templateId, recipientNumber, customVariables: {} };
    return { path: '/calls', headers: {}, body: JSON.stringify(body) };
  }

  async insertBatch(): Promise<void> {
    const rows = Array.from({ length: BATCH }, (_, index) => [numberOf(index), {}]);
    await this.client.query(
      `insert into call_queue (user_id, template_id, recipient_number, custom_variables)
       select $1, $2, call ->> 0, call -> 1 from jsonb_array_elements($3::jsonb) as call returning id`,
      [this.nextUser(), this.row.templateId, JSON.stringify(rows)],
    );
  }

  async stop(): Promise<void> {
    await this.client.end();
    await this.handler.process.stop();
    await this.database.drop();
  }

  private nextUser(): string {
    this.turn += 1;
    return this.row.users[this.turn % USERS] ?? '';
  }
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { AGE_DENIED } from '../fault/storm/ageing';
import type { StormUser } from '../fault/storm/furnish';
import type { QueuedCall } from '../fault/storm/queueing';
import { type Answer, type RequestOptions, send, signToken } from '../support/service';
import { waitFor } from '../support/wait-for';
import { KILLED } from './balancer';
import type { UpgradeWorld } from './upgrade-world';

const FIRST_NUMBER = 5_550_000;
const BATCH = 4;
/** How long each kind of caller rests between two requests. Together they ask for about as much as the caps allow. */
const REST_MS = { single: 250, batch: 900, read: 100, administrator: 250, ageing: 500 };
/** One request in so many is sent again with its key, sent twice at once, canceled. */
const ONE_IN = { repeated: 3, doubled: 5, canceled: 7 };
const PATIENCE_MS = 60_000;
/** Before the same is asked again. */
const AGAIN_MS = 20;
const PER_CALL_MS = 1_000;

const READS = [
  'calls',
  'calls?status=queued',
  'calls?status=completed',
  'call-history',
  'usage',
  'usage/entries',
  'me',
];
const ADMIN_READS = ['queue', 'calls', 'providers', 'phone-numbers', 'assistants', 'audit'];

interface Question extends RequestOptions {
  /** The other one with the same key may be under way. */
  readonly isOneOfTwo?: boolean;
}

/** What was answered at last. */
interface Asked extends Answer {
  /** An earlier answer was lost, so that nobody knows what the request did. */
  readonly isRepeated: boolean;
}

/** People who go on as if nothing happened: whatever is not answered as usual is a failure. */
export class Load {
  readonly queued: QueuedCall[] = [];
  readonly canceledWaiting: string[] = [];
  /** Numbers whose calls were canceled, or may have been by a request whose answer was lost. */
  readonly mayBeCanceled = new Set<string>();
  readonly failures: string[] = [];
  requests = 0;
  /** Answers to keys that were repeated, or given by two requests at once. */
  repeats = 0;
  /** Requests that died with an instance that was killed, and were repeated. */
  excused = 0;
  private sequence = 0;
  private isOver = false;
  private lanes: readonly Promise<void>[] = [];

  constructor(
    private readonly world: UpgradeWorld,
    readonly adminToken: string,
  ) {}

  static async start(world: UpgradeWorld): Promise<Load> {
    const load = new Load(world, await signToken({ userId: randomUUID(), admin: true }));
    load.lanes = [
      load.lane(REST_MS.single, (turn) => load.queueOne(turn)),
      load.lane(REST_MS.batch, (turn) => load.queueBatch(turn)),
      load.lane(REST_MS.read, (turn) => load.read(turn)),
      load.lane(REST_MS.administrator, (turn) => load.administer(turn)),
      load.lane(REST_MS.ageing, () => load.age()),
    ];
    return load;
  }

  /** Ends the load: what is under way is finished. */
  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.lanes);
  }

  /** Waits until so many more calls have been accepted. */
  async untilMore(calls: number): Promise<void> {
    const wanted = this.queued.length + calls;
    await waitFor(
      () => this.queued.length >= wanted,
      `${calls} more calls are accepted`,
      PATIENCE_MS + calls * PER_CALL_MS,
    );
  }

  /** Queues one call at an instance, or wherever the balancer sends it. @returns the body that it was asked with */
  order(): { readonly number: string; readonly body: object; readonly user: StormUser } {
    const number = this.nextNumber();
    const { users, templateId } = this.world.furniture;
    return { number, body: { templateId, recipientNumber: number }, user: users[this.sequence % users.length]! };
  }

  accept(number: string, id?: string): void {
    this.queued.push({
      plan: { number, user: 0, way: 'single', isRepeated: false, cancel: 'never', faults: [] },
      state: 'accepted',
      ...(id !== undefined && { id }),
    });
  }

  private async lane(restMs: number, step: (turn: number) => Promise<void>): Promise<void> {
    for (let turn = 1; !this.isOver; turn += 1) {
      await step(turn).catch((error: unknown) => this.failures.push(String(error)));
      await delay(restMs);
    }
  }

  private async queueOne(turn: number): Promise<void> {
    const { number, body, user } = this.order();
    const answer = await this.askWithKey('/v1/calls', user, body, turn);
    if (answer.status !== 201) return;
    const { id } = answer.body as { id: string };
    this.accept(number, id);
    if (turn % ONE_IN.canceled !== 0) return;
    const canceled = await this.ask('POST', `/v1/calls/${id}/cancel`, { token: user.token }, [200, 202, 409]);
    if (canceled.status === 200) this.canceledWaiting.push(number);
    if (canceled.status !== 409 || canceled.isRepeated) this.mayBeCanceled.add(number);
  }

  private async queueBatch(turn: number): Promise<void> {
    const { user, body } = this.order();
    const numbers = Array.from({ length: BATCH }, () => this.nextNumber());
    const calls = numbers.map((recipientNumber) => ({ recipientNumber }));
    const { templateId } = body as { templateId: string };
    const answer = await this.askWithKey('/v1/calls/batch', user, { templateId, calls }, turn);
    const { accepted = [] } = (answer.body ?? {}) as { accepted?: { index: number; id: string }[] };
    if (accepted.length !== BATCH) this.failures.push(`POST /v1/calls/batch: ${accepted.length} of ${BATCH} accepted`);
    for (const { index, id } of accepted) this.accept(numbers[index] ?? '', id);
  }

  private async read(turn: number): Promise<void> {
    const user = this.world.furniture.users[turn % this.world.furniture.users.length]!;
    await this.ask('GET', `/v1/${READS[turn % READS.length]}`, { token: user.token }, [200]);
  }

  private async administer(turn: number): Promise<void> {
    const path = `/v1/admin/${ADMIN_READS[turn % ADMIN_READS.length]}`;
    await this.ask('GET', path, { token: this.adminToken }, [200]);
  }

  private async age(): Promise<void> {
    await this.world.database.query(AGE_DENIED);
  }

  /** Some requests are sent twice at once, and some again afterwards; whoever answers, it is the same. */
  private async askWithKey(path: string, { token }: StormUser, body: object, turn: number): Promise<Answer> {
    const options = { token, body, headers: { 'idempotency-key': randomUUID() } };
    const usual = path === '/v1/calls' ? [201] : [200];
    if (turn % ONE_IN.doubled === 0) {
      const ask = () => this.ask('POST', path, { ...options, isOneOfTwo: true }, usual);
      const [one, other] = await Promise.all([ask(), ask()]);
      return this.same(path, one, other);
    }
    const first = await this.ask('POST', path, options, usual);
    if (turn % ONE_IN.repeated !== 0) return first;
    return this.same(path, first, await this.ask('POST', path, options, usual));
  }

  private same(path: string, one: Answer, other: Answer): Answer {
    this.repeats += 1;
    if (!isDeepStrictEqual(one.body, other.body))
      this.failures.push(`POST ${path}: one key, two answers: ${JSON.stringify([one.body, other.body])}`);
    return one;
  }

  /**
   * Asks once; again only if the instance was killed meanwhile, as whoever uses a key does, or as long as the key is in
   * use: by the other one of two requests, or by an instance whose death the database has not noticed yet.
   */
  private async ask(
    method: string,
    path: string,
    { isOneOfTwo = false, ...options }: Question,
    usual: readonly number[],
  ): Promise<Asked> {
    const what = `${method} ${path.replace(/[0-9a-f-]{36}/, ':id')}`;
    const deadline = Date.now() + PATIENCE_MS;
    for (let isRepeated = false; ; isRepeated = true) {
      this.requests += 1;
      const answer = await send(this.world.balancer.url + path, method, options);
      const isLost = answer.headers.has(KILLED);
      if (isLost) this.excused += 1;
      if (!isLost && !(isUnderWay(answer) && (isOneOfTwo || this.excused > 0))) {
        if (!usual.includes(answer.status))
          this.failures.push(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
        return { ...answer, isRepeated };
      }
      if (Date.now() > deadline) throw new Error(`${what}: no answer that is final`);
      await delay(AGAIN_MS);
    }
  }

  private nextNumber(): string {
    this.sequence += 1;
    return `+1202${String(FIRST_NUMBER + this.sequence)}`;
  }
}

function isUnderWay({ status, body }: Answer): boolean {
  return status === 409 && (body as { code?: string } | undefined)?.code === 'request.in_progress';
}

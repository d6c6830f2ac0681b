import { randomUUID } from 'node:crypto';
import type { RetellSandbox } from '../../sandbox/retell/retell-sandbox';
import type { VapiSandbox } from '../../sandbox/vapi/vapi-sandbox';
import { type Answer, signToken } from '../support/service';
import { type TwoVendors } from '../support/two-vendors';
import { waitFor } from '../support/wait-for';
import type { Instance } from './instance';
import { isAllOver } from './storm/unsettled';

/** What a round may take, restarts included, on a machine that is busy. */
const ROUND_MS = 60_000;
/** Numbers of the batch, and the one of the call that is queued alone. */
const BATCH = 10;
const NUMBERS = BATCH + 1;

/**
 * One set of calls that meets everything which may happen to a call: answered, refused, never confirmed, confirmed
 * too late, not reported, reported early, twice and out of order, ended without a word on how long it took, claimed by
 * an instance that does not learn of it, canceled while it is talked and while it waits, and then asked for again.
 * `drive` may be repeated with another instance after one died: it goes on where the other stopped.
 */
export class Round {
  readonly numbers: readonly string[];
  /** Requests that queue calls, with what they were answered. */
  private readonly requests = new Map<string, { readonly key: string; answer?: Answer['body'] }>();
  private readonly later = new Date(Date.now() + 3_600_000).toISOString();
  private readonly token: Promise<string>;

  constructor(
    private readonly vendors: TwoVendors,
    readonly sequence: number,
  ) {
    const first = 5_550_000 + sequence * NUMBERS;
    this.numbers = Array.from({ length: NUMBERS }, (_, index) => `+1202${String(first + index)}`);
    this.token = signToken({ userId: vendors.world.userId });
    this.order();
  }

  /** The numbers of all calls that were asked for. One comes twice: its first call is canceled before it is dialled. */
  get asked(): readonly string[] {
    return [...this.numbers, this.numbers[8]!];
  }

  /** Whose vendor does not tell how long it was called for. */
  get untimed(): string {
    return this.numbers[BATCH]!;
  }

  /** Queues the calls unless that is done, cancels what is to be canceled, and waits until all of them are over. */
  async drive(instance: Instance): Promise<void> {
    await this.queueAlone(instance);
    const ids = await this.queueBatch(instance);
    await this.cancel(instance, ids[8]!);
    await this.ask(instance, `/v1/calls/${ids[8]!}/retry`);
    const held = this.numbers[9]!;
    await waitFor(
      async () => (await this.isOver(ids[9]!)) || this.isTalking(held) || !instance.isRunning,
      'the call that is held is talked',
      ROUND_MS,
    );
    await this.cancel(instance, ids[9]!);
    await waitFor(async () => (await this.isSettled()) || !instance.isRunning, 'all is over', ROUND_MS);
    if (!instance.isRunning) throw new InstanceDied();
  }

  /** The orders name numbers, so one that nobody got to carry out stays with its number. */
  private order(): void {
    const [vapi] = this.vendors.sandboxes;
    const [, lost, silent, refused, unheard, early, twice, mixed, , held] = this.numbers;
    const orders: Parameters<VapiSandbox['order']>[0][] = [
      { number: lost!, answer: { kind: 'lost-answer' } },
      { number: silent!, answer: { kind: 'error-before', status: 500 } },
      { number: refused!, answer: { kind: 'bad-destination' } },
      { number: unheard!, webhooks: { mode: 'lost' } },
      { number: early!, webhooks: { mode: 'early' } },
      { number: twice!, webhooks: { mode: 'repeated' } },
      { number: mixed!, webhooks: { mode: 'reordered' } },
      { number: held!, call: { holdsWhile: 'in-progress' } },
      {
        number: this.untimed,
        call: { endsAtOnce: true, endedReason: 'customer-ended-call' },
        webhooks: { mode: 'lost', only: 'end-of-call-report' },
      },
    ];
    for (const order of orders) vapi.order(order);
  }

  /** Its first claim is lost on the instance, which comes to know that it has sent nothing. */
  private async queueAlone(instance: Instance): Promise<void> {
    const { world, first } = this.vendors;
    if (!this.isAnswered('/v1/calls')) instance.loseClaim();
    const call = await this.ask(instance, '/v1/calls', {
      templateId: world.templateId,
      recipientNumber: this.untimed,
      providerId: first.id,
    });
    const isClaimed = async () =>
      (await world.database.query(`select from call_attempts where call_queue_id = $1 limit 1`, [call.id])).length > 0;
    await waitFor(async () => (await isClaimed()) || !instance.isRunning, 'the call alone is claimed');
  }

  /** @returns the ids of the calls, in their order */
  private async queueBatch(instance: Instance): Promise<readonly string[]> {
    const { accepted } = await this.ask(instance, '/v1/calls/batch', {
      templateId: this.vendors.world.templateId,
      calls: this.numbers.slice(0, BATCH).map((recipientNumber, index) => ({
        recipientNumber,
        ...(index === 8 && { scheduledTime: this.later }),
      })),
    });
    return (accepted as { id: string }[]).map(({ id }) => id);
  }

  private isAnswered(path: string): boolean {
    return this.requests.get(path)?.answer !== undefined;
  }

  /** Repeats a request with its key until it was answered once, as a client does that was cut off. */
  private async ask(instance: Instance, path: string, body?: unknown): Promise<Answer['body']> {
    const request = this.requests.get(path) ?? { key: randomUUID() };
    this.requests.set(path, request);
    const options = { token: await this.token, headers: { 'idempotency-key': request.key }, body };
    // The key stays taken for the moment that the database needs to notice the death of whoever had it.
    await waitFor(async () => {
      if (request.answer !== undefined || !instance.isRunning) return true;
      const { status, body: answer } = await instance.request('POST', path, options);
      if (status >= 300) throw new Error(`POST ${path} was answered ${String(status)}`);
      return (request.answer = answer);
    }, `POST ${path} does what it should`);
    if (request.answer === undefined) throw new InstanceDied();
    return request.answer;
  }

  private async cancel(instance: Instance, id: string): Promise<void> {
    const { status } = await instance.request('POST', `/v1/calls/${id}/cancel`, { token: await this.token });
    if (![200, 202, 409].includes(status)) throw new Error(`Canceling was answered ${String(status)}`);
  }

  private isTalking(number: string): boolean {
    const sandboxes: readonly (VapiSandbox | RetellSandbox)[] = this.vendors.sandboxes;
    return sandboxes.some((sandbox) => sandbox.calls.some((call) => call.customerNumber === number));
  }

  private async isOver(id: string): Promise<boolean> {
    const rows = await this.vendors.world.database.query(
      `select from call_queue where id = $1 and status not in ('queued', 'in-progress')`,
      [id],
    );
    return rows.length > 0;
  }

  private async isSettled(): Promise<boolean> {
    return isAllOver(this.vendors.world.database);
  }
}

/** The instance that drove the round is no more. */
export class InstanceDied extends Error {}

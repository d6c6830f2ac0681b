import { randomUUID } from 'node:crypto';
import type { RetellSandbox } from '../../sandbox/retell/retell-sandbox';
import type { VapiSandbox } from '../../sandbox/vapi/vapi-sandbox';
import { signToken } from '../support/service';
import { type TwoVendors } from '../support/two-vendors';
import { waitFor } from '../support/wait-for';
import type { Instance } from './instance';

/** What a round may take, restarts included, on a machine that is busy. */
const ROUND_MS = 60_000;

/**
 * One set of calls that meets everything which may happen to a call: answered, refused, never confirmed, confirmed
 * too late, not reported, reported early, twice and out of order, canceled while it waits and while it is talked.
 * `drive` may be repeated with another instance after one died: it goes on where the other stopped.
 */
export class Round {
  readonly numbers: readonly string[];
  private readonly key = randomUUID();
  private readonly later = new Date(Date.now() + 3_600_000).toISOString();
  private ids: readonly string[] = [];
  private readonly token: Promise<string>;

  constructor(
    private readonly vendors: TwoVendors,
    readonly sequence: number,
  ) {
    const first = 5_550_000 + sequence * 10;
    this.numbers = Array.from({ length: 10 }, (_, index) => `+1202${String(first + index)}`);
    this.token = signToken({ userId: vendors.world.userId });
    this.order();
  }

  /** Queues the calls unless that is done, cancels what is to be canceled, and waits until all of them are over. */
  async drive(instance: Instance): Promise<void> {
    await this.queue(instance);
    await this.cancel(instance, 8);
    const held = this.numbers[9]!;
    await waitFor(
      async () => (await this.isOver(this.ids[9]!)) || this.isTalking(held) || !instance.isRunning,
      'the call that is held is talked',
      ROUND_MS,
    );
    await this.cancel(instance, 9);
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
    ];
    for (const order of orders) vapi.order(order);
  }

  private async queue(instance: Instance): Promise<void> {
    if (this.ids.length > 0) return;
    const body = {
      templateId: this.vendors.world.templateId,
      calls: this.numbers.map((recipientNumber, index) => ({
        recipientNumber,
        ...(index === 8 && { scheduledTime: this.later }),
      })),
    };
    const headers = { 'idempotency-key': this.key };
    const options = { token: await this.token, body, headers };
    // The key stays taken for the moment that the database needs to notice the death of whoever had it.
    await waitFor(async () => {
      const answer = await instance.request('POST', '/v1/calls/batch', options);
      if (answer.status === 200) this.ids = (answer.body.accepted as { id: string }[]).map(({ id }) => id);
      return answer.status === 200 || !instance.isRunning;
    }, 'the batch is queued');
    if (!instance.isRunning) throw new InstanceDied();
  }

  private async cancel(instance: Instance, index: number): Promise<void> {
    const path = `/v1/calls/${this.ids[index] ?? ''}/cancel`;
    const { status } = await instance.request('POST', path, { token: await this.token });
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
    const rows = await this.vendors.world.database.query(
      `select from call_queue where status in ('queued', 'in-progress')
       union all select from call_attempts where not is_settled limit 1`,
    );
    return rows.length === 0;
  }
}

/** The instance that drove the round is no more. */
export class InstanceDied extends Error {}

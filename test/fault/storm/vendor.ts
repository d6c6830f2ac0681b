import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { AnyOrder, Question, Reply, VendorDuties, VendorOptions, VendorRecords } from './vendor-records';

const TYPESCRIPT = join(__dirname, '../../support/typescript-hook.cjs');

/** A stand-in in another process: what it does costs the driver of the storm nothing. */
export class Vendor implements VendorDuties {
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private asked = 0;
  url = '';

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (reply: Reply) => {
      this.waiting.get(reply.id)?.(reply);
      this.waiting.delete(reply.id);
    });
  }

  static async start(options: VendorOptions): Promise<Vendor> {
    const child = fork(join(__dirname, 'vendor-process.ts'), [], { execArgv: ['--require', TYPESCRIPT] });
    const vendor = new Vendor(child);
    vendor.url = await vendor.start(options);
    return vendor;
  }

  start(options: VendorOptions): Promise<string> {
    return this.ask('start', options) as Promise<string>;
  }

  async order(orders: readonly AnyOrder[]): Promise<void> {
    await this.ask('order', orders);
  }

  async withdrawOrders(): Promise<void> {
    await this.ask('withdrawOrders');
  }

  async goDown(): Promise<void> {
    await this.ask('goDown');
  }

  async comeBack(): Promise<void> {
    await this.ask('comeBack');
  }

  async release(): Promise<void> {
    await this.ask('release');
  }

  unfinished(): Promise<number> {
    return this.ask('unfinished') as Promise<number>;
  }

  records(): Promise<VendorRecords> {
    return this.ask('records') as Promise<VendorRecords>;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  private ask(duty: Question['duty'], value?: unknown): Promise<unknown> {
    const id = (this.asked += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ answer, problem }) =>
        problem === undefined ? resolve(answer) : reject(new Error(`${duty}: ${problem}`)),
      );
      this.child.send({ id, duty, value } satisfies Question);
    });
  }
}

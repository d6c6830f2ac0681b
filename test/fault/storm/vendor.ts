import { join } from 'node:path';
import { Child } from '../../support/child-process';
import type { AnyOrder, VendorDuties, VendorOptions, VendorRecords } from './vendor-records';

/** A stand-in in another process: what it does costs the driver of the storm nothing. */
export class Vendor implements VendorDuties {
  url = '';

  private constructor(private readonly child: Child) {}

  static async start(options: VendorOptions): Promise<Vendor> {
    const vendor = new Vendor(Child.start(join(__dirname, 'vendor-process.ts')));
    vendor.url = await vendor.start(options);
    return vendor;
  }

  start(options: VendorOptions): Promise<string> {
    return this.ask('start', options);
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
    return this.ask('unfinished');
  }

  records(): Promise<VendorRecords> {
    return this.ask('records');
  }

  stop(): Promise<void> {
    return this.child.stop();
  }

  private ask<Answer>(duty: keyof VendorDuties, value?: unknown): Promise<Answer> {
    return this.child.ask(duty, value);
  }
}

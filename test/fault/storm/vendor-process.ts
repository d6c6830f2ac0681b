import type { ReceivedPost } from '../../../sandbox/kit/records';
import { type RetellSandbox, startRetellSandbox } from '../../../sandbox/retell/retell-sandbox';
import type { SandboxCall as RetellCall } from '../../../sandbox/retell/sandbox-call';
import type { SandboxCall as VapiCall } from '../../../sandbox/vapi/sandbox-call';
import { startVapiSandbox, type VapiSandbox } from '../../../sandbox/vapi/vapi-sandbox';
import { type Duties, serveParent } from '../../support/child-process';
import type { AnyOrder, AskedFor, MadeCall, VendorDuties, VendorOptions } from './vendor-records';

type Call = VapiCall | RetellCall;

/** Far more than we may use: whoever keeps the caps, it is not the vendor. */
const LIMIT_OF_THE_VENDOR = 1_000;
/** Webhooks that were not taken are repeated that much sooner than planned. */
const RETRY_SPEED = 20;

/** A stand-in in a process of its own: its parent asks, and gets one reply for each question. */
class VendorProcess implements VendorDuties {
  private sandbox: VapiSandbox | RetellSandbox | undefined;
  private isDown = false;
  /** The calls that live, and the one that is being made. */
  private live: Call[] = [];
  private readonly besides: (readonly string[])[] = [];

  async start({ vendor, ...options }: VendorOptions): Promise<string> {
    const common = {
      ...options,
      concurrencyLimit: LIMIT_OF_THE_VENDOR,
      retrySpeed: RETRY_SPEED,
      script: () => this.noteBeginning(),
    };
    this.sandbox = await (vendor === 'vapi'
      ? startVapiSandbox(common)
      : startRetellSandbox({ ...common, postsPerTenSeconds: Infinity, refusalsPerMinute: Infinity }));
    return this.sandbox.url;
  }

  async order(orders: readonly AnyOrder[]): Promise<void> {
    for (const order of orders) this.running.order(order as Parameters<VapiSandbox['order']>[0]);
  }

  async withdrawOrders(): Promise<void> {
    this.running.withdrawOrders();
  }

  async goDown(): Promise<void> {
    this.isDown = true;
    await this.running.goDown();
  }

  async comeBack(): Promise<void> {
    if (!this.isDown) return;
    this.isDown = false;
    await this.running.comeBack();
  }

  async release(): Promise<void> {
    this.running.release();
  }

  async unfinished(): Promise<number> {
    const sending = this.running.webhooks.filter(({ outcome }) => outcome === 'sending').length;
    return sending + this.running.liveCalls;
  }

  async records() {
    const { posts, webhooks, liveCalls, maxLiveCalls } = this.running;
    const calls = this.running.calls as readonly Call[];
    return {
      posts: posts.map(toAsked),
      calls: calls.map((call, index) => toMade(call, this.besides[index] ?? [])),
      webhooks: webhooks.map(({ callId, attempts, outcome }) => ({ callId, attempts, outcome })),
      liveCalls,
      maxLiveCalls,
    };
  }

  private get running(): VapiSandbox {
    if (!this.sandbox) throw new Error('The stand-in has not been started');
    return this.sandbox as VapiSandbox;
  }

  /** Asked once for each call just before it begins, so the last one of the list began when this was asked before. */
  private noteBeginning(): undefined {
    const calls = this.sandbox?.calls as readonly Call[] | undefined;
    const last = calls?.at(-1);
    if (last) this.live.push(last);
    this.live = this.live.filter((call) => call.isLive);
    this.besides.push(this.live.map(({ attemptId = '' }) => attemptId));
    return undefined;
  }
}

function toAsked({ number = '', attemptId = '', arrivedAtMs, callId, answeredStatus }: ReceivedPost): AskedFor {
  return { number, attemptId, at: performance.timeOrigin + arrivedAtMs, callId, answeredStatus };
}

function toMade(call: Call, besides: readonly string[]): MadeCall {
  const { id, customerNumber, attemptId = '', isDialed, startedAt, durationSeconds } = call;
  return { id, number: customerNumber, attemptId, isDialed, isConnected: !!startedAt, durationSeconds, besides };
}

const vendor = new VendorProcess();

serveParent({
  start: (options) => vendor.start(options),
  order: (orders) => vendor.order(orders),
  withdrawOrders: () => vendor.withdrawOrders(),
  goDown: () => vendor.goDown(),
  comeBack: () => vendor.comeBack(),
  release: () => vendor.release(),
  unfinished: () => vendor.unfinished(),
  records: () => vendor.records(),
} satisfies Duties<keyof VendorDuties>);

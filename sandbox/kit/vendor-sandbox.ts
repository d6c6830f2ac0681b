import type { CallScript } from './call-script';
import { answerControl } from './control-api';
import type { Desk } from './desk';
import { Faults, type Order } from './faults';
import type { Json } from './json';
import { startJsonServer, type JsonRequest, type JsonServer, type Reply } from './json-server';
import { Lifecycle } from './lifecycle';
import { seededRandom } from './random';
import { Records, type ReceivedPost, type SentWebhook } from './records';
import type { StandInCall } from './stand-in-call';
import { Timers } from './timers';
import { WebhookSender } from './webhook-sender';
import { WebhookStreams } from './webhook-streams';

const DEFAULT_DEADLINE_MS = 10_000;

/** What every stand-in can be told. */
export interface SandboxOptions {
  readonly apiKey: string;
  /** 0 (the default) takes any free port. */
  readonly port?: number;
  readonly seed?: number;
  /** 1 is real time, 50 makes a minute pass in 1.2 seconds, Infinity makes calls end as soon as they can. */
  readonly speed?: number;
  /** How much sooner than planned webhooks are repeated; 1 by default. */
  readonly retrySpeed?: number;
  /** Decides how a call goes; what it leaves out is drawn by lot. */
  readonly script?: (request: Json) => Partial<CallScript> | undefined;
}

/** A stand-in for a vendor on loopback: real HTTP, calls that live and end, webhooks, faults to order, and proof. */
export abstract class VendorSandbox<
  Call extends StandInCall,
  Fault extends { readonly kind: string },
  Type extends string,
> {
  protected readonly streams: WebhookStreams;
  protected readonly timers: Timers;
  protected readonly callsById = new Map<string, Call>();
  private readonly records = new Records();
  private readonly faults = new Faults<Fault, Type>();
  private readonly lifecycle: Lifecycle<Call>;
  private readonly sender: WebhookSender;
  private readonly waiting = new Set<() => void>();
  private server: JsonServer | undefined;
  /** What listens again after it was down. */
  private listen: (port?: number) => Promise<JsonServer>;

  constructor(private readonly common: SandboxOptions) {
    this.timers = new Timers(common.speed ?? 1, () => this.changed());
    this.sender = new WebhookSender(this.timers, this.records, common.retrySpeed ?? 1, () => this.changed());
    this.streams = new WebhookStreams(this.sender, this.timers, this.records);
    this.lifecycle = new Lifecycle(this.timers, this.records, (call: Call) => {
      this.tell(call);
      this.changed();
    });
    this.listen = () => Promise.reject(new Error('The stand-in has not been started.'));
  }

  /** Answers what the vendor's API would answer. Called once, when the stand-in starts. */
  protected abstract speak(): (request: JsonRequest) => Reply | Promise<Reply>;

  /** Sends the webhooks of what the call has just come to. */
  protected abstract tell(call: Call): void;

  /** Sends the final webhooks of an ended call once more. */
  protected abstract repeatEnd(call: Call): void;

  /** The vendor's word for a recipient who hangs up. */
  protected abstract readonly recipientHungUp: string;

  /** The base URL of the API. */
  get url(): string {
    if (this.server === undefined) throw new Error('The stand-in is not running.');
    return this.server.url;
  }

  get apiKey(): string {
    return this.common.apiKey;
  }

  async start(): Promise<this> {
    const answer = this.speak();
    this.listen = (port) => startJsonServer((request) => this.serve(answer, request), port);
    this.server = await this.listen(this.common.port);
    return this;
  }

  /**
   * Stops listening: connections are refused, and requests under way are cut. The vendor's telephony goes on, so calls
   * live and end and tell of it, and nothing is forgotten.
   */
  async goDown(): Promise<void> {
    await this.server?.stop();
  }

  /** Listens again where it did before, and knows all that it knew. */
  async comeBack(): Promise<void> {
    this.server = await this.listen(this.server?.port);
  }

  /** Orders a fault or a script for the next calls. */
  order(order: Order<Fault, Type>): void {
    this.faults.order(order);
  }

  /** Takes back what was ordered and has not happened yet. Calls that were created go on as their script says. */
  withdrawOrders(): void {
    this.faults.clear();
  }

  /** Every POST that asked for a call, in the order of arrival. */
  get posts(): readonly ReceivedPost[] {
    return this.records.posts;
  }

  get webhooks(): readonly SentWebhook[] {
    return this.records.webhooks;
  }

  get calls(): readonly Call[] {
    return [...this.callsById.values()];
  }

  get liveCalls(): number {
    return this.records.liveCalls;
  }

  /** The most calls that were live at the same time, since the start or the last `restartMaxLiveCalls`. */
  get maxLiveCalls(): number {
    return this.records.maxLiveCalls;
  }

  /** Measures `maxLiveCalls` anew, beginning with the calls that are live now. */
  restartMaxLiveCalls(): void {
    this.records.restartMaxLiveCalls();
  }

  /** The most POSTs that waited for their answer at the same time. */
  get maxPostsInFlight(): number {
    return this.records.maxPostsInFlight;
  }

  /** How often the number was dialed. */
  dialsTo(number: string): number {
    return this.records.dialsTo(number);
  }

  /** How often a call was dialed for the attempt. */
  dialsOf(attemptId: string): number {
    return this.records.dialsOf(attemptId);
  }

  dials(): ReturnType<Records['dials']> {
    return this.records.dials();
  }

  /** Lets held calls go on: all of them, or those to one number. Tells how many. */
  release(number?: string): number {
    return this.callsTo(number).filter((call) => this.lifecycle.release(call)).length;
  }

  /** Ends live calls now: all of them, or those to one number. Tells how many. */
  hangUp(endedReason = this.recipientHungUp, number?: string): number {
    return this.callsTo(number).filter((call) => this.lifecycle.hangUp(call, endedReason)).length;
  }

  /** Sends the final webhooks of an ended call once more. */
  repeatWebhooks(callId: string): void {
    const call = this.callsById.get(callId);
    if (call?.isLive === false) this.repeatEnd(call);
  }

  /**
   * Resolves as soon as the condition holds; it is asked whenever something happened here.
   * @throws Error after `deadlineMs`
   */
  waitFor(condition: (sandbox: this) => boolean, deadlineMs = DEFAULT_DEADLINE_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (!condition(this)) return;
        clearTimeout(deadline);
        this.waiting.delete(check);
        resolve();
      };
      const deadline = setTimeout(() => {
        this.waiting.delete(check);
        reject(new Error(`The stand-in did not get there within ${deadlineMs} ms: ${String(condition)}`));
      }, deadlineMs);
      this.waiting.add(check);
      check();
    });
  }

  /** Forgets calls, records and faults; numbers and assistants stay. */
  reset(): void {
    this.timers.clear();
    this.lifecycle.forget();
    this.streams.forget();
    this.callsById.clear();
    this.records.clear();
    this.faults.clear();
  }

  async stop(): Promise<void> {
    this.timers.stop();
    this.sender.stop();
    await this.server?.stop();
  }

  /** What the routes work with; the lots begin anew with every start. */
  protected desk(): Desk<Call, Fault, Type> {
    return {
      calls: this.callsById,
      faults: this.faults,
      records: this.records,
      lifecycle: this.lifecycle,
      streams: this.streams,
      timers: this.timers,
      random: seededRandom(this.common.seed ?? 1),
      script: this.common.script,
    };
  }

  private async serve(answer: (request: JsonRequest) => Reply | Promise<Reply>, request: JsonRequest): Promise<Reply> {
    const reply = answerControl(this, request) ?? (await answer(request));
    this.changed();
    return reply;
  }

  private callsTo(number: string | undefined): readonly Call[] {
    return this.calls.filter((call) => number === undefined || call.customerNumber === number);
  }

  private changed(): void {
    for (const check of [...this.waiting]) check();
  }
}

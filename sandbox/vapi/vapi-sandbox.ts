import { startJsonServer, type JsonRequest, type JsonServer, type Reply } from '../kit/json-server';
import { seededRandom } from '../kit/random';
import { Timers } from '../kit/timers';
import { VapiApi } from './api';
import type { CallScript } from './call-script';
import { answerControl } from './control-api';
import { CreateCall, type CallDesk } from './create-call';
import { DEFAULT_ASSISTANTS, DEFAULT_PHONE_NUMBERS, type SandboxAssistant, type SandboxPhoneNumber } from './defaults';
import { Faults, type FaultOrder } from './faults';
import { Journal } from './journal';
import { Lifecycle } from './lifecycle';
import { Records, type ReceivedPost, type SentWebhook } from './records';
import type { SandboxCall } from './sandbox-call';
import { WebhookSender } from './webhook-sender';
import { Webhooks } from './webhooks';

const DEFAULT_CONCURRENCY = 10;
const DEFAULT_DEADLINE_MS = 10_000;

export interface VapiSandboxOptions {
  readonly apiKey: string;
  /** 0 (the default) takes any free port. */
  readonly port?: number;
  readonly seed?: number;
  /** Live calls at once; 10 by default, as on a new account. */
  readonly concurrencyLimit?: number;
  /** Unlimited by default. */
  readonly postsPerMinute?: number;
  /** 1 is real time, 50 makes a minute pass in 1.2 seconds, Infinity makes calls end as soon as they can. */
  readonly speed?: number;
  /** How much sooner than planned webhooks are repeated; 1 by default. */
  readonly retrySpeed?: number;
  readonly phoneNumbers?: readonly SandboxPhoneNumber[];
  readonly assistants?: readonly SandboxAssistant[];
  /** Decides how a call goes; what it leaves out is drawn by lot. */
  readonly script?: (request: Record<string, unknown>) => Partial<CallScript> | undefined;
  /** A file that keeps the calls beyond the end of the stand-in: at the next start they have all ended meanwhile. */
  readonly journal?: string;
}

/** A stand-in for Vapi on loopback: real HTTP, calls that live and end, webhooks, faults to order. */
export class VapiSandbox {
  readonly phoneNumbers: readonly SandboxPhoneNumber[];
  readonly assistants: readonly SandboxAssistant[];
  private readonly timers: Timers;
  private readonly records = new Records();
  private readonly faults = new Faults();
  private readonly sender: WebhookSender;
  private readonly webhookStreams: Webhooks;
  private readonly lifecycle: Lifecycle;
  private readonly journal: Journal;
  private readonly callsById = new Map<string, SandboxCall>();
  private readonly waiting = new Set<() => void>();
  private server: JsonServer | undefined;

  constructor(private readonly options: VapiSandboxOptions) {
    this.phoneNumbers = options.phoneNumbers ?? DEFAULT_PHONE_NUMBERS;
    this.assistants = options.assistants ?? DEFAULT_ASSISTANTS;
    this.timers = new Timers(options.speed ?? 1);
    this.journal = new Journal(options.journal);
    const changed = (): void => this.changed();
    this.sender = new WebhookSender(this.timers, this.records, options.retrySpeed ?? 1, changed);
    this.webhookStreams = new Webhooks(this.sender, this.timers, this.records);
    this.lifecycle = new Lifecycle(this.timers, this.records, {
      moved: (call) => {
        this.webhookStreams.statusChanged(call);
        this.changed();
      },
    });
  }

  /** The base URL of the API. */
  get url(): string {
    if (this.server === undefined) throw new Error('The stand-in is not running.');
    return this.server.url;
  }

  get apiKey(): string {
    return this.options.apiKey;
  }

  async start(): Promise<this> {
    const desk = this.desk();
    for (const call of this.journal.endedCalls(desk)) this.callsById.set(call.id, call);
    const api = new VapiApi(desk, new CreateCall(desk), this.options.apiKey);
    this.server = await startJsonServer((request) => this.serve(api, request), this.options.port);
    return this;
  }

  /** Orders a fault or a script for the next calls. */
  order(order: FaultOrder): void {
    this.faults.order(order);
  }

  /** Every POST /call that arrived, in the order of arrival. */
  get posts(): readonly ReceivedPost[] {
    return this.records.posts;
  }

  get webhooks(): readonly SentWebhook[] {
    return this.records.webhooks;
  }

  get calls(): readonly SandboxCall[] {
    return [...this.callsById.values()];
  }

  get liveCalls(): number {
    return this.records.liveCalls;
  }

  /** The most calls that were live at the same time. */
  get maxLiveCalls(): number {
    return this.records.maxLiveCalls;
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
  hangUp(endedReason = 'customer-ended-call', number?: string): number {
    return this.callsTo(number).filter((call) => this.lifecycle.hangUp(call, endedReason)).length;
  }

  /** Sends the final webhooks of an ended call once more. */
  repeatWebhooks(callId: string): void {
    const call = this.callsById.get(callId);
    if (call !== undefined) this.webhookStreams.repeatEnd(call);
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
    this.webhookStreams.forget();
    this.callsById.clear();
    this.records.clear();
    this.faults.clear();
    this.journal.clear();
  }

  async stop(): Promise<void> {
    this.timers.stop();
    this.sender.stop();
    await this.server?.stop();
  }

  private async serve(api: VapiApi, request: JsonRequest): Promise<Reply> {
    const reply = answerControl(this, request) ?? (await api.answer(request));
    this.changed();
    return reply;
  }

  private desk(): CallDesk {
    return {
      calls: this.callsById,
      faults: this.faults,
      records: this.records,
      lifecycle: this.lifecycle,
      journal: this.journal,
      webhooks: this.webhookStreams,
      timers: this.timers,
      random: seededRandom(this.options.seed ?? 1),
      assistants: new Map(this.assistants.map((assistant) => [assistant.id, assistant])),
      phoneNumbers: new Map(this.phoneNumbers.map((phoneNumber) => [phoneNumber.id, phoneNumber])),
      limits: {
        concurrency: this.options.concurrencyLimit ?? DEFAULT_CONCURRENCY,
        postsPerMinute: this.options.postsPerMinute ?? Infinity,
      },
      script: this.options.script,
      controlUrl: (callId) => `${this.url}/${callId}/control`,
    };
  }

  private callsTo(number: string | undefined): readonly SandboxCall[] {
    return this.calls.filter((call) => number === undefined || call.customerNumber === number);
  }

  private changed(): void {
    for (const check of [...this.waiting]) check();
  }
}

export function startVapiSandbox(options: VapiSandboxOptions): Promise<VapiSandbox> {
  return new VapiSandbox(options).start();
}

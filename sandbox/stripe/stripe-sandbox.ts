import { startJsonServer, type JsonRequest, type JsonServer, type Reply } from '../kit/json-server';
import { seededRandom } from '../kit/random';
import { Timers } from '../kit/timers';
import { Api } from './api';
import { answerControl, type Controlled } from './control';
import { Clock } from './life/clock';
import type { Dunning, Habits } from './objects/hidden';
import { Ids } from './objects/ids';
import type { Kind, Kinds, Price, SandboxEvent, Subscription } from './objects/wire';
import { type DeliveryOptions, Outbox, type Signed, type Webhook } from './outbox';
import { answerPage } from './pages';
import { Passage } from './passage';
import { liveSubscriptionsOf } from './people/finding';
import { type Acts, actsOf, everybody, type People } from './people/people';
import type { Order } from './protocol/faults';
import { type PriceWish, quickPrice, quickSubscriber, type Subscriber, type SubscriberWish } from './quick-worlds';
import { type Delivery, type Exchange, type ReceivedRequest, Records } from './records';
import { World } from './world';

export interface StripeSandboxOptions {
  readonly apiKey: string;
  /** 0 (the default) takes any free port. */
  readonly port?: number;
  readonly seed?: number;
  /** The clock stands there until it is advanced; absent: it runs. */
  readonly now?: Date;
  readonly webhook?: Webhook;
  /** `held`: events wait for `deliver`. */
  readonly deliver?: 'at-once' | 'held';
  readonly dunning?: Partial<Dunning>;
  /** How long the invoice of a renewal stays a draft; 60 by default. */
  readonly draftMinutes?: number;
  /** Looks every so often what has become due; absent: when somebody asks, or the clock is advanced. */
  readonly tickMs?: number;
}

const DUNNING: Dunning = { retryAfterDays: [3, 5, 7], end: 'cancel' };

/** A stand-in for Stripe on loopback: the API, the pages where people pay, time that can be moved, and webhooks. */
export class StripeSandbox implements Controlled {
  readonly clock: Passage;
  /** What people do without the API: buyers, visitors of the portal, the account's staff. */
  readonly act: Acts;
  private readonly world: World;
  private readonly records = new Records();
  private readonly timers = new Timers(1);
  private readonly outbox: Outbox;
  private readonly api: Api;
  private readonly people: People;
  private server: JsonServer | undefined;

  constructor(private readonly options: StripeSandboxOptions) {
    const clock = new Clock(options.now);
    const habits: Habits = {
      dunning: { ...DUNNING, ...options.dunning },
      draftMinutes: options.draftMinutes ?? 60,
    };
    this.world = new World(new Ids(seededRandom(options.seed ?? 1)), clock, habits);
    this.outbox = new Outbox(this.records, () => clock.present, options.deliver === 'held');
    this.outbox.webhook = options.webhook;
    this.world.onEvent((event) => this.outbox.take(event));
    this.api = new Api(options.apiKey, this.world, this.records, this.timers);
    this.clock = new Passage(this.world, clock, this.outbox);
    this.people = everybody(this.world);
    this.act = actsOf(this.people, (act) => this.perform(act));
  }

  async start(): Promise<this> {
    this.server = await startJsonServer((request) => this.serve(request), this.options.port);
    this.world.baseUrl = this.server.url;
    this.tick();
    return this;
  }

  async stop(): Promise<void> {
    this.timers.stop();
    this.outbox.stop();
    await this.server?.stop();
  }

  /** Stops listening: connections are refused, and requests under way are cut. Nothing is forgotten. */
  async goDown(): Promise<void> {
    await this.server?.stop();
  }

  /** Listens again where it did before. */
  async comeBack(): Promise<void> {
    this.server = await startJsonServer((request) => this.serve(request), this.server?.port);
  }

  get url(): string {
    if (this.server === undefined) throw new Error('The stand-in is not running.');
    return this.server.url;
  }

  get apiKey(): string {
    return this.options.apiKey;
  }

  /** For `new Stripe(apiKey, clientOptions)`. */
  get clientOptions(): { host: string; port: number; protocol: 'http'; telemetry: false } {
    const { hostname, port } = new URL(this.url);
    return { host: hostname, port: Number(port), protocol: 'http', telemetry: false };
  }

  setWebhook(webhook: Webhook | undefined): void {
    this.outbox.webhook = webhook;
  }

  /** Events wait for `deliver` from now on. */
  hold(): void {
    this.outbox.holds = true;
  }

  /** Posts what was held, and from now on whatever happens. */
  release(): void {
    this.outbox.release();
  }

  /** Resolves when everything that is posted by itself was tried. */
  async settled(): Promise<void> {
    await this.outbox.settled();
  }

  /** Posts an event now, as often as it is asked to. @throws Error where no answer comes */
  async deliver(eventId: string, options: DeliveryOptions = {}): Promise<number> {
    return this.outbox.deliver(this.event(eventId), options);
  }

  /** The body and headers of a delivery, for those who hand it over themselves. */
  signed(event: SandboxEvent | string, options: DeliveryOptions = {}): Signed {
    return this.outbox.sign(typeof event === 'string' ? this.event(event) : event, options);
  }

  order(order: Order): void {
    this.api.faults.order(order);
  }

  /** Takes back what was ordered and has not happened yet. */
  withdrawOrders(): void {
    this.api.faults.clear();
  }

  get requests(): readonly ReceivedRequest[] {
    return this.records.requests;
  }

  requestsTo(method: string, path: string): readonly ReceivedRequest[] {
    return this.requests.filter((request) => request.method === method && request.path === path);
  }

  get exchanges(): readonly Exchange[] {
    return this.records.exchanges;
  }

  onRequest(listener: (request: ReceivedRequest) => void): void {
    this.records.onRequest(listener);
  }

  onExchange(listener: (exchange: Exchange) => void): void {
    this.records.onExchange(listener);
  }

  get events(): readonly SandboxEvent[] {
    return this.world.events;
  }

  eventsOf(type: SandboxEvent['type']): readonly SandboxEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  /** Those that no receiver has taken. */
  get undelivered(): readonly SandboxEvent[] {
    return this.events.filter((event) => event.pending_webhooks > 0);
  }

  get deliveries(): readonly Delivery[] {
    return this.records.deliveries;
  }

  get customers(): readonly Kinds['customer'][] {
    return this.all('customer');
  }

  get subscriptions(): readonly Subscription[] {
    return this.all('subscription');
  }

  get invoices(): readonly Kinds['invoice'][] {
    return this.all('invoice');
  }

  get sessions(): readonly Kinds['checkout.session'][] {
    return this.all('checkout.session');
  }

  /** Everything of one kind as it is now, the oldest first. */
  all<Name extends Kind>(kind: Name): readonly Kinds[Name][] {
    this.clock.catchUp();
    return this.world.all(kind);
  }

  liveSubscriptionsOf(customer: string): readonly Subscription[] {
    return liveSubscriptionsOf(this.world, customer);
  }

  /** A recurring price and its product, as if somebody had set them up. */
  async price(wish: PriceWish): Promise<Price> {
    return this.perform(() => quickPrice(this.world, wish));
  }

  /** Somebody who has been through the checkout. */
  async subscriber(wish: SubscriberWish): Promise<Subscriber> {
    return this.perform(() => quickSubscriber(this.world, wish));
  }

  /** Forgets everything but its options. */
  reset(): void {
    this.world.clear();
    this.records.clear();
    this.outbox.clear();
    this.api.faults.clear();
    this.api.keys.clear();
  }

  private event(id: string): SandboxEvent {
    const found = this.events.find((event) => event.id === id);
    if (found === undefined) throw new Error(`No such event: ${id}`);
    return found;
  }

  /** Lets somebody act, and the world hear of it. */
  private async perform<Result>(act: () => Result): Promise<Result> {
    this.clock.catchUp();
    const result = structuredClone(act());
    await this.outbox.settled();
    return result;
  }

  private async serve(request: JsonRequest): Promise<Reply> {
    this.clock.catchUp();
    const control = await answerControl(this, request);
    return control ?? answerPage(this.world, this.people, request) ?? this.api.answer(request);
  }

  private tick(): void {
    const { tickMs } = this.options;
    if (tickMs === undefined) return;
    this.timers.afterRealMs(tickMs, () => {
      this.clock.catchUp();
      this.tick();
    });
  }
}

export async function startStripeSandbox(options: StripeSandboxOptions): Promise<StripeSandbox> {
  return new StripeSandbox(options).start();
}

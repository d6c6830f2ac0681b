import type { Json } from '../kit/json';
import type { Clock } from './life/clock';
import { previousAttributes } from './objects/difference';
import type { CardBehavior, CheckoutPlan, Habits, SubscriptionNotes } from './objects/hidden';
import type { Ids } from './objects/ids';
import type { AnyObject, Customer, EventType, Kind, Kinds, SandboxEvent } from './objects/wire';
import { missing } from './protocol/refusals';

export const API_VERSION = '2026-10-28.endive';

const NOUNS: Readonly<Partial<Record<Kind, string>>> = {
  payment_method: 'PaymentMethod',
  'billing_portal.configuration': 'configuration',
  subscription_schedule: 'subscription schedule',
};

type Tables = { readonly [Name in Kind]: Map<string, Kinds[Name]> };

/** Everything the stand-in knows. Whatever changes here gives the events that Stripe gives. */
export class World {
  readonly events: SandboxEvent[] = [];
  readonly deletedCustomers = new Map<string, { id: string; object: 'customer'; deleted: true }>();
  readonly notes = new Map<string, SubscriptionNotes>();
  readonly cards = new Map<string, CardBehavior>();
  readonly plans = new Map<string, CheckoutPlan>();
  /** The request under way; null while time passes or a person acts. */
  request: { readonly id: string; readonly idempotency_key: string | null } | null = null;
  baseUrl = 'http://127.0.0.1';
  private readonly listeners: ((event: SandboxEvent) => void)[] = [];
  private readonly tables: Tables = {
    product: new Map(),
    price: new Map(),
    customer: new Map(),
    payment_method: new Map(),
    'checkout.session': new Map(),
    subscription: new Map(),
    subscription_schedule: new Map(),
    invoice: new Map(),
    'billing_portal.configuration': new Map(),
    'billing_portal.session': new Map(),
    webhook_endpoint: new Map(),
  };

  constructor(
    readonly ids: Ids,
    readonly clock: Clock,
    readonly habits: Habits,
  ) {}

  get now(): number {
    return this.clock.seconds;
  }

  /** The oldest first. */
  all<Name extends Kind>(kind: Name): readonly Kinds[Name][] {
    return [...this.tables[kind].values()];
  }

  find<Name extends Kind>(kind: Name, id: string | null | undefined): Kinds[Name] | undefined {
    return id == null ? undefined : this.tables[kind].get(id);
  }

  /** @throws Refusal resource_missing; `param` names the parameter that held the id */
  get<Name extends Kind>(kind: Name, id: string, param?: string): Kinds[Name] {
    const found = this.tables[kind].get(id);
    if (found === undefined) throw missing(NOUNS[kind] ?? kind, id, param);
    return found;
  }

  /** Whatever has this id. */
  byId(id: string): AnyObject | { readonly deleted: true } | undefined {
    for (const table of Object.values(this.tables)) {
      const found = (table as ReadonlyMap<string, AnyObject>).get(id);
      if (found !== undefined) return found;
    }
    return this.deletedCustomers.get(id);
  }

  add<Name extends Kind>(kind: Name, object: Kinds[Name], type?: EventType): Kinds[Name] {
    this.tables[kind].set(object.id, object);
    if (type !== undefined) this.tell(type, object);
    return object;
  }

  forget(kind: Kind, id: string): void {
    this.tables[kind].delete(id);
  }

  /** Edits the object and tells what has changed, if anything has. */
  change<Changed extends AnyObject>(
    object: Changed,
    type: EventType | undefined,
    edit: (object: Changed) => void,
  ): void {
    const before = structuredClone(object);
    edit(object);
    const previous = previousAttributes(before, object);
    if (type !== undefined && Object.keys(previous).length > 0) this.tell(type, object, previous);
  }

  tell(type: EventType, object: object, previous?: Json): SandboxEvent {
    const event: SandboxEvent = {
      id: this.ids.next('evt', 24),
      object: 'event',
      api_version: API_VERSION,
      created: this.now,
      data: { object: structuredClone(object) as Json, ...(previous && { previous_attributes: previous }) },
      livemode: false,
      pending_webhooks: 1,
      request: this.request ?? { id: null, idempotency_key: null },
      type,
    };
    this.events.push(event);
    for (const listener of this.listeners) listener(event);
    return event;
  }

  onEvent(listener: (event: SandboxEvent) => void): void {
    this.listeners.push(listener);
  }

  notesOf(subscriptionId: string): SubscriptionNotes {
    const known = this.notes.get(subscriptionId);
    if (known !== undefined) return known;
    const fresh: SubscriptionNotes = { trialEndTold: false, renewalTold: 0, waitingLines: [] };
    this.notes.set(subscriptionId, fresh);
    return fresh;
  }

  /** @throws Refusal for a customer that is unknown or deleted */
  customer(id: string, param = 'customer'): Customer {
    return this.get('customer', id, param);
  }

  clear(): void {
    for (const table of Object.values(this.tables)) table.clear();
    for (const map of [this.deletedCustomers, this.notes, this.cards, this.plans]) map.clear();
    this.events.length = 0;
  }
}

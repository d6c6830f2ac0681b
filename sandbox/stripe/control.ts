import { isObject, type Json, text } from '../kit/json';
import type { JsonRequest, Reply } from '../kit/json-server';
import type { SandboxEvent } from './objects/wire';
import type { DeliveryOptions, Webhook } from './outbox';
import type { Duration } from './passage';
import { type Acts, isAction } from './people/people';
import type { Order } from './protocol/faults';
import { Refusal } from './protocol/refusals';

/** What the routes need of the stand-in. */
export interface Controlled {
  readonly act: Acts;
  readonly clock: {
    now(): Date;
    advance(duration: Duration): Promise<void>;
    advanceTo(date: Date | string): Promise<void>;
  };
  readonly requests: readonly unknown[];
  readonly customers: readonly unknown[];
  readonly subscriptions: readonly unknown[];
  readonly invoices: readonly unknown[];
  readonly sessions: readonly unknown[];
  readonly events: readonly SandboxEvent[];
  readonly undelivered: readonly SandboxEvent[];
  readonly deliveries: readonly unknown[];
  deliver(eventId: string, options: DeliveryOptions): Promise<number>;
  setWebhook(webhook: Webhook | undefined): void;
  order(order: Order): void;
  hold(): void;
  release(): void;
  reset(): void;
}

/** The stand-in's own routes, for people and for programs in other processes. Undefined: not one of them. */
export async function answerControl(sandbox: Controlled, request: JsonRequest): Promise<Reply | undefined> {
  if (!request.path.startsWith('/sandbox/')) return undefined;
  const body = isObject(request.body) ? request.body : {};
  const [, name] = /^\/sandbox\/act\/(\w+)$/.exec(request.path) ?? [];
  try {
    if (name !== undefined && request.method === 'POST') return await act(sandbox, name, body);
    const control = CONTROLS[`${request.method} ${request.path}`];
    if (control === undefined)
      return { status: 404, body: { message: `No control ${request.method} ${request.path}` } };
    return { status: 200, body: await control(sandbox, body, request) };
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: { message: error.message } };
    if (error instanceof Error) return { status: 400, body: { message: error.message } };
    throw error;
  }
}

async function act(sandbox: Controlled, name: string, order: Json): Promise<Reply> {
  if (!isAction(name)) return { status: 404, body: { message: `Nobody can ${name}.` } };
  const one = sandbox.act[name] as (order: Json) => Promise<unknown>;
  return { status: 200, body: await one(order) };
}

type Control = (sandbox: Controlled, body: Json, request: JsonRequest) => unknown;

const CONTROLS: Readonly<Record<string, Control>> = {
  'GET /sandbox/state': (sandbox) => ({
    now: sandbox.clock.now().toISOString(),
    requests: sandbox.requests.length,
    customers: sandbox.customers.length,
    subscriptions: sandbox.subscriptions.length,
    invoices: sandbox.invoices.length,
    sessions: sandbox.sessions.length,
    events: sandbox.events.length,
    undelivered: sandbox.undelivered.length,
  }),
  'GET /sandbox/requests': (sandbox) => sandbox.requests,
  'GET /sandbox/events': (sandbox) => sandbox.events,
  'GET /sandbox/deliveries': (sandbox) => sandbox.deliveries,
  'GET /sandbox/subscriptions': (sandbox) => sandbox.subscriptions,
  'POST /sandbox/clock': async (sandbox, { to, ...duration }) => {
    if (typeof to === 'string') await sandbox.clock.advanceTo(to);
    else await sandbox.clock.advance(duration);
    return { now: sandbox.clock.now().toISOString() };
  },
  'POST /sandbox/deliver': async (sandbox, { event, ...options }) => ({
    status: await sandbox.deliver(text(event) ?? '', options),
  }),
  'POST /sandbox/webhook': (sandbox, body) => {
    sandbox.setWebhook(body as unknown as Webhook);
    return {};
  },
  'POST /sandbox/faults': (sandbox, _body, request) => {
    const orders = (Array.isArray(request.body) ? request.body : [request.body]) as readonly Order[];
    for (const order of orders) sandbox.order(order);
    return { ordered: orders.length };
  },
  'POST /sandbox/hold': (sandbox) => (sandbox.hold(), {}),
  'POST /sandbox/release': (sandbox) => (sandbox.release(), {}),
  'POST /sandbox/reset': (sandbox) => (sandbox.reset(), {}),
};

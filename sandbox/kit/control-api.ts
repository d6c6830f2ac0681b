import { isObject } from './json';
import type { JsonRequest, Reply } from './json-server';
import type { ReceivedPost, SentWebhook } from './records';

/** What the routes need of the stand-in. */
export interface ControlledSandbox {
  readonly posts: readonly ReceivedPost[];
  readonly webhooks: readonly SentWebhook[];
  readonly calls: readonly unknown[];
  readonly liveCalls: number;
  readonly maxLiveCalls: number;
  readonly maxPostsInFlight: number;
  dials(): { readonly byNumber: Record<string, number>; readonly byAttempt: Record<string, number> };
  order(order: object): void;
  release(number?: string): number;
  reset(): void;
}

/** The stand-in's own routes, for people and for programs in other processes. Undefined: not one of them. */
export function answerControl(sandbox: ControlledSandbox, request: JsonRequest): Reply | undefined {
  switch (`${request.method} ${request.path}`) {
    case 'POST /sandbox/faults':
      return order(sandbox, request.body);
    case 'GET /sandbox/state':
      return { status: 200, body: stateOf(sandbox) };
    case 'GET /sandbox/posts':
      return { status: 200, body: sandbox.posts };
    case 'GET /sandbox/webhooks':
      return { status: 200, body: sandbox.webhooks };
    case 'POST /sandbox/release':
      return { status: 200, body: { released: sandbox.release(request.query.get('number') ?? undefined) } };
    case 'POST /sandbox/reset':
      sandbox.reset();
      return { status: 200, body: {} };
    default:
      return undefined;
  }
}

/** One order or a list of them. */
function order(sandbox: ControlledSandbox, body: unknown): Reply {
  const orders: readonly unknown[] = Array.isArray(body) ? body : [body];
  if (!orders.every(isObject)) return { status: 400, body: { message: 'An order is an object.' } };
  for (const one of orders) sandbox.order(one);
  return { status: 200, body: { ordered: orders.length } };
}

function stateOf(sandbox: ControlledSandbox): Record<string, unknown> {
  const { byNumber, byAttempt } = sandbox.dials();
  return {
    posts: sandbox.posts.length,
    calls: sandbox.calls.length,
    liveCalls: sandbox.liveCalls,
    maxLiveCalls: sandbox.maxLiveCalls,
    maxPostsInFlight: sandbox.maxPostsInFlight,
    dialsByNumber: byNumber,
    dialsByAttempt: byAttempt,
    webhooks: {
      sent: sandbox.webhooks.length,
      delivered: sandbox.webhooks.filter((webhook) => webhook.outcome === 'delivered').length,
      lost: sandbox.webhooks.filter((webhook) => webhook.outcome === 'lost').length,
      givenUp: sandbox.webhooks.filter((webhook) => webhook.outcome === 'given-up').length,
    },
  };
}

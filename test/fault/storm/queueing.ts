import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { PlannedCall } from './planned-call';
import { insertRow } from './storm-client';
import type { StormWorld } from './storm-world';

/** What became of one planned call when it was queued. */
export interface QueuedCall {
  readonly plan: PlannedCall;
  /** `in doubt`: the answer to the commit was lost, and nobody may repeat a row without a key. */
  readonly state: 'accepted' | 'refused' | 'in doubt';
  readonly id?: string;
}

interface Answered {
  readonly status: number;
  readonly body: {
    readonly id?: string;
    readonly accepted?: readonly { readonly index: number; readonly id: string }[];
  };
}

const LATER_MS = 3_600_000;
/** What is refused for good: the allowance, and a queue that is full of the user's calls. */
const REFUSED = [402, 403, 409, 422, 429];

/** Queues a step's calls in every way that there is, all at the same time. */
export async function queueCalls(world: StormWorld, calls: readonly PlannedCall[]): Promise<readonly QueuedCall[]> {
  const rows = calls.filter((call) => isRow(call)).map((call) => queueRow(world, call));
  const singles = calls.filter((call) => !isRow(call) && call.way !== 'batch').map((call) => queueOne(world, call));
  const batches = world.users.map((_, user) =>
    queueBatch(
      world,
      calls.filter((call) => call.way === 'batch' && call.user === user),
    ),
  );
  return (await Promise.all([...rows, ...singles, ...batches])).flat();
}

/** Whoever is to cancel a call must be told its id. */
const isRow = ({ way, cancel }: PlannedCall) => way === 'row' && cancel === 'never';

async function queueRow(world: StormWorld, plan: PlannedCall): Promise<readonly QueuedCall[]> {
  const { database, users, templateId } = world;
  const row = { userId: users[plan.user]!.id, number: plan.number, templateId };
  return [{ plan, state: (await insertRow(database.url, row)) ? 'accepted' : 'in doubt' }];
}

async function queueOne(world: StormWorld, plan: PlannedCall): Promise<readonly QueuedCall[]> {
  const body = { templateId: world.templateId, ...toOrder(plan) };
  const { status, body: answer } = await send(world, plan, '/v1/calls', body);
  if (REFUSED.includes(status)) return [{ plan, state: 'refused' }];
  if (status !== 201 || answer.id === undefined) throw new Error(`POST /v1/calls: ${status} ${JSON.stringify(answer)}`);
  return [{ plan, state: 'accepted', id: answer.id }];
}

async function queueBatch(world: StormWorld, plans: readonly PlannedCall[]): Promise<readonly QueuedCall[]> {
  const [first] = plans;
  if (!first) return [];
  const body = { templateId: world.templateId, calls: plans.map(toOrder) };
  const { status, body: answer } = await send(world, first, '/v1/calls/batch', body);
  if (REFUSED.includes(status)) return plans.map((plan) => ({ plan, state: 'refused' }));
  if (status !== 200) throw new Error(`POST /v1/calls/batch: ${status} ${JSON.stringify(answer)}`);
  const ids = new Map(answer.accepted?.map(({ index, id }) => [index, id]));
  return plans.map((plan, index) => {
    const id = ids.get(index);
    return id === undefined ? { plan, state: 'refused' } : { plan, state: 'accepted', id };
  });
}

/** With a key, so that it can be repeated until it is answered; sometimes once more, which must change nothing. */
async function send(world: StormWorld, plan: PlannedCall, path: string, body: unknown): Promise<Answered> {
  const headers = { 'idempotency-key': randomUUID() };
  const options = { token: world.users[plan.user]!.token, body, headers };
  if (!plan.isRepeated) return world.client.insist('POST', path, options);
  const [one, other] = await Promise.all([
    world.client.insist('POST', path, options),
    world.client.insist('POST', path, options),
  ]);
  // A refusal is kept by nobody: a plan that grew meanwhile may let the second one in.
  return one.status < 300 ? same(one, other) : other;
}

function same(one: Answered, other: Answered): Answered {
  if (other.status < 300 && !isDeepStrictEqual(one.body, other.body))
    throw new Error(`One key, two answers: ${JSON.stringify([one.body, other.body])}`);
  return one;
}

function toOrder({ number, cancel }: PlannedCall) {
  const scheduledTime = new Date(Date.now() + LATER_MS).toISOString();
  return { recipientNumber: number, ...(cancel === 'scheduled' && { scheduledTime }) };
}

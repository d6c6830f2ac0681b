import type { FaultOrder } from '../../sandbox/vapi/faults';
import { type Account, DispatchWorld, numbers } from '../support/dispatch-world';
import { waitFor } from '../support/wait-for';

jest.setTimeout(60_000);

/** The schedule ticks once an hour: whatever goes out here was sent by what happened before it. */
const NO_TICK = { DISPATCH_INTERVAL_MS: '3600000', PROVIDER_COOLDOWN_MS: '3600000', PLACE_TIMEOUT_MS: '1000' };
const ONE_NUMBER = [
  { id: '7d4a2f10-0000-4000-8000-0000000000aa', provider: 'twilio', number: '+12025550101', name: 'Only line' },
] as const;

let world: DispatchWorld;
let other: Account;
afterEach(() => world.stop());

/** Two accounts that can say the same template; the first is asked first. */
async function start(): Promise<void> {
  world = await DispatchWorld.start({ environment: NO_TICK, sandbox: { phoneNumbers: ONE_NUMBER } });
  other = await world.addAccount('second', 2, 10);
  world.templateId = await world.addTemplate({
    assistantId: world.account.assistantIds[0],
    fallbackAssistantIds: [other.assistantIds[0]],
  });
}

const attemptsOf = (callId: string) =>
  world.database.query<{ state: string; refusal: string | null; provider_id: string }>(
    'select state, refusal, provider_id from call_attempts where call_queue_id = $1 order by created_at',
    [callId],
  );

async function queueWith(order: Omit<FaultOrder, 'number'>): Promise<{ id: string; number: string }> {
  const [number] = numbers(1) as [string];
  world.sandbox.order({ number, ...order });
  const [id] = (await world.queue([number])) as [string];
  return { id, number };
}

describe('a refused call goes to the next provider at once', () => {
  it.each([
    ['concurrency', { answer: { kind: 'over-limit' } }],
    ['rate_limit', { answer: { kind: 'rate-limit' } }],
    ['account', { answer: { kind: 'account', status: 402 } }],
    ['line', { answer: { kind: 'line', reason: 'missing' } }],
  ] as const)('after %s', async (refusal, order) => {
    await start();
    const { id, number } = await queueWith(order);
    expect((await world.callWhen(id, 'completed')).providerId).toBe(other.id);
    expect(await attemptsOf(id)).toMatchObject([
      { state: 'refused', refusal, provider_id: world.account.id },
      { state: 'ended', provider_id: other.id },
    ]);
    expect([world.sandbox.dialsTo(number), other.sandbox.dialsTo(number)]).toEqual([0, 1]);
  });

  it('after an acceptance that the vendor takes back before it rings', async () => {
    await start();
    const endedReason = 'call.start.error-subscription-concurrency-limit-reached';
    const { id, number } = await queueWith({ call: { endsAtOnce: true, endedReason } });
    expect((await world.callWhen(id, 'completed')).providerId).toBe(other.id);
    expect([world.sandbox.dialsTo(number), other.sandbox.dialsTo(number)]).toEqual([0, 1]);
  });

  it('after a provider that cannot be reached', async () => {
    await start();
    await world.sandbox.stop();
    const [id] = (await world.queue(numbers(1))) as [string];
    expect((await world.callWhen(id, 'completed')).providerId).toBe(other.id);
    expect(await attemptsOf(id)).toMatchObject([
      { state: 'refused', refusal: 'unreachable' },
      { state: 'ended', provider_id: other.id },
    ]);
  });
});

describe('a call whose placement is unknown never goes to another provider', () => {
  it.each([
    ['a server error', { kind: 'error-before' }],
    ['a server error after it was placed', { kind: 'error-after' }],
    ['a connection that is cut', { kind: 'cut-before' }],
    ['an answer that is lost', { kind: 'lost-answer' }],
    ['an answer that never comes', { kind: 'hang-before' }],
    ['an answer without an id', { kind: 'no-id' }],
    ['an empty answer', { kind: 'empty-answer' }],
  ] as const)('after %s', async (_, answer) => {
    await start();
    const { id } = await queueWith({ answer, webhooks: { mode: 'lost' }, call: { holdsWhile: 'queued' } });
    await waitFor(async () => (await attemptsOf(id))[0]?.state === 'unknown', 'the placement is unknown');
    // Another call goes through the same dispatcher, so a wish to send this one elsewhere would have shown.
    world.templateId = await world.addTemplate({ assistantId: other.assistantIds[0] });
    const [later] = (await world.queue(numbers(1, 5))) as [string];
    await world.callWhen(later, 'completed');
    expect(await attemptsOf(id)).toMatchObject([{ state: 'unknown', provider_id: world.account.id }]);
    expect((await world.call(id)).status).toBe('in-progress');
    expect(world.sandbox.posts).toHaveLength(1);
    expect(other.sandbox.posts.map(({ number }) => number)).toEqual(numbers(1, 5));
  });
});

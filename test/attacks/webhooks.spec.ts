import { createHmac, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { RetellSandbox } from '../../sandbox/retell/retell-sandbox';
import { rowsOf } from '../support/database-rows';
import { type Account, API_KEY, DispatchWorld, numbers } from '../support/dispatch-world';
import { hostileValue } from '../support/hostile-values';
import { PaidPlansWorld, type Subscriber } from '../support/paid-plans-world';
import { type Answer, send } from '../support/service';
import { waitFor } from '../support/wait-for';

const SEED = 20_261_122;
const NOBODY = '00000000-0000-4000-8000-000000000000';
const HOUR_MS = 3_600_000;
const JSON_TYPE = { 'content-type': 'application/json' };

type Headers = Readonly<Record<string, string>>;

/** A webhook that somebody sends, and what becomes of it. */
interface Attack {
  readonly headers: Headers;
  readonly body: string | Buffer;
}

/** What one voice vendor sends, as far as an attacker could imitate it. */
interface Vendor {
  readonly name: string;
  readonly providerId: string;
  /** Another account at the same vendor. */
  readonly otherProviderId: string;
  /** A call of the first user, and one of the second one, both under way at the vendor. */
  readonly calls: readonly [VendorCall, VendorCall];
  /** A call that has ended and is paid for. */
  readonly ended: VendorCall;
  /** The end of a call, as long and dear as can be. */
  end(call: VendorCall, changes?: object): string;
  /** Headers that prove a body. */
  prove(body: string, providerId?: string, atMs?: number): Headers;
  /** Headers that look like it. */
  forgeries(body: string): Readonly<Record<string, Headers>>;
}

interface VendorCall {
  readonly id: string;
  readonly attemptId: string;
  readonly callQueueId: string;
  readonly wire: Readonly<Record<string, unknown>>;
}

describe('at voice vendors', () => {
  let world: DispatchWorld;
  let retell: Account<RetellSandbox>;
  const vendors: Partial<Record<'vapi' | 'retell', Vendor>> = {};
  let otherToken: string;
  let serial = 0;

  beforeAll(async () => {
    world = await DispatchWorld.start({
      environment: { RECONCILE_INTERVAL_MS: String(HOUR_MS), DISPATCH_INTERVAL_MS: String(HOUR_MS) },
    });
    retell = await world.addRetellAccount('second', 1, 10);
    const [otherVapi, otherRetell] = [
      await world.addAccount('third', 9, 10),
      await world.addRetellAccount('fourth', 9, 10),
    ];
    otherToken = (await world.addUser('enterprise')).token;
    vendors.vapi = await vapiVendor(world, otherVapi.id, await callsAt(world.account, world.sandbox));
    vendors.retell = retellVendor(retell.id, otherRetell.id, await callsAt(retell, retell.sandbox));
    await waitFor(async () => {
      const rows = await world.database.query(`select from call_attempts where state = 'ended' and is_settled`);
      return rows.length === 3;
    }, 'what has ended is settled');
  });
  afterAll(() => world.stop());

  /** Two calls under way, of two users, and one that has ended. */
  async function callsAt(
    account: Account<unknown>,
    sandbox: CallDesk,
  ): Promise<readonly [VendorCall, VendorCall, VendorCall]> {
    const templateId = await world.addTemplate({ assistantId: account.assistantIds[0], providerId: account.id });
    const [first, second, third] = numbers(3, (serial += 10));
    const place = async (number: string, token: string, isHeld: boolean): Promise<VendorCall> => {
      if (isHeld) sandbox.order({ number, call: { holdsWhile: 'in-progress' } });
      const [callQueueId] = await world.queue([number], { templateId }, token);
      const isThere = isHeld ? `outcome is null and progress = 'in-progress'` : `state = 'ended' and is_settled`;
      await waitFor(async () => {
        const rows = await world.database.query(`select from call_attempts where call_queue_id = $1 and ${isThere}`, [
          callQueueId,
        ]);
        return rows.length === 1;
      }, `the call to ${number} is where it should be`);
      const call = sandbox.calls.find(({ customerNumber }) => customerNumber === number)!;
      return { id: call.id, attemptId: call.attemptId!, callQueueId: callQueueId!, wire: { ...call.toWire() } };
    };
    return [
      await place(first!, world.userToken, true),
      await place(second!, otherToken, true),
      await place(third!, world.userToken, false),
    ];
  }

  const deliver = (providerId: string, { headers, body }: Attack): Promise<Answer> =>
    send(`${world.service.url}/v1/webhooks/providers/${providerId}`, 'POST', {
      body,
      headers: { ...JSON_TYPE, ...headers },
    });

  /** Sends it and expects a status, and every row of the database to be as it was. */
  async function expectNothing(providerId: string, attack: Attack, status: number, code?: string): Promise<void> {
    const before = await rowsOf(world.database);
    const answer = await deliver(providerId, attack);
    expect([answer.status, answer.body?.code]).toEqual([status, code]);
    expect(await rowsOf(world.database)).toEqual(before);
  }

  describe.each(['vapi', 'retell'] as const)('%s', (name) => {
    let vendor: Vendor;
    beforeAll(() => {
      vendor = vendors[name]!;
    });

    it('is believed with its proof: what follows would change something', async () => {
      const body = vendor.end(vendor.ended);
      const before = await rowsOf(world.database);
      expect((await deliver(vendor.providerId, { body, headers: vendor.prove(body) })).status).toBe(200);
      expect(before['public.call_attempts']?.length).toBeGreaterThanOrEqual(3);
    });

    it('is believed with no other proof', async () => {
      const body = vendor.end(vendor.calls[0]);
      const forgeries = vendor.forgeries(body);
      for (const headers of Object.values(forgeries)) {
        await expectNothing(vendor.providerId, { body, headers }, 401, 'webhooks.unauthenticated');
      }
      expect(Object.keys(forgeries).length).toBeGreaterThanOrEqual(9);
    });

    it('proves nothing with a user’s or an administrator’s token, or in the query', async () => {
      const body = vendor.end(vendor.calls[0]);
      for (const token of [world.userToken, world.adminToken, await world.service.token({ role: 'service_role' })]) {
        await expectNothing(
          vendor.providerId,
          { body, headers: { authorization: `Bearer ${token}` } },
          401,
          'webhooks.unauthenticated',
        );
      }
      const search = new URLSearchParams({ ...vendor.prove(body) }).toString();
      const before = await rowsOf(world.database);
      const url = `${world.service.url}/v1/webhooks/providers/${vendor.providerId}?${search}`;
      expect((await send(url, 'POST', { body, headers: JSON_TYPE })).status).toBe(401);
      expect(await rowsOf(world.database)).toEqual(before);
    });

    it.each([
      ['nobody', NOBODY, 404, 'providers.not_found'],
      ['what is no UUID', 'ada', 400, 'request.invalid'],
      ['a path', '..%2F..%2Fstripe', 400, 'request.invalid'],
    ])('may not speak for %s', async (_, providerId, status, code) => {
      const body = vendor.end(vendor.calls[0]);
      await expectNothing(providerId, { body, headers: vendor.prove(body) }, status, code);
    });

    it('may not tell of a call at another account or another vendor', async () => {
      const foreign = name === 'vapi' ? vendors.retell! : vendors.vapi!;
      const own = vendor.calls[0];
      for (const call of [...foreign.calls, { ...foreign.calls[0], wire: own.wire }]) {
        const body = vendor.end({ ...call, wire: own.wire });
        await expectNothing(vendor.providerId, { body, headers: vendor.prove(body) }, 200);
      }
      for (const call of vendor.calls) {
        const body = vendor.end(call);
        const proof = vendor.prove(body, vendor.otherProviderId);
        await expectNothing(vendor.otherProviderId, { body, headers: proof }, 200);
      }
    });

    it('may not end a call by naming its attempt beside another call’s id', async () => {
      const [mine, theirs] = vendor.calls;
      const unknown = { ...mine, id: randomUUID(), attemptId: theirs.attemptId };
      const body = vendor.end(unknown);
      await expectNothing(vendor.providerId, { body, headers: vendor.prove(body) }, 200);
    });

    it.each([
      ['nobody’s', NOBODY],
      ['no UUID', `' or true --`],
      ['nothing', ''],
    ])('may tell of an attempt that is %s, to no end', async (_, attemptId) => {
      const body = vendor.end({ ...vendor.calls[0], id: `vendor-${randomUUID()}`, attemptId });
      await expectNothing(vendor.providerId, { body, headers: vendor.prove(body) }, 200);
    });

    it('may repeat an end as often as it likes', async () => {
      const body = vendor.end(vendor.ended);
      await deliver(vendor.providerId, { body, headers: vendor.prove(body) });
      const before = withoutTimes(await rowsOf(world.database));
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => deliver(vendor.providerId, { body, headers: vendor.prove(body) })),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(withoutTimes(await rowsOf(world.database))).toEqual(before);
    });

    it.each<[string, string | Buffer, Headers, number]>([
      ['nothing at all', '', {}, 200],
      ['no JSON', '{"message":', {}, 400],
      ['a list', '[]', {}, 200],
      ['a number', '17', {}, 200],
      ['null', 'null', {}, 200],
      ['a poisoned prototype', '{"__proto__":{"isAdmin":true}}', {}, 200],
      ['bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]), {}, 400],
      ['a form', 'call=ended', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
      ['text', '{}', { 'content-type': 'text/plain' }, 415],
      ['more than 5 MB', Buffer.alloc(5 * 2 ** 20 + 1, ' '), {}, 413],
    ])('may send %s, and changes nothing', async (_, body, headers, status) => {
      const before = await rowsOf(world.database);
      const answer = await deliver(vendor.providerId, {
        body,
        headers: { ...vendor.prove(body.toString()), ...headers },
      });
      expect(answer.status).toBe(status);
      expect(await rowsOf(world.database)).toEqual(before);
    });

    it(`may say anything of its own call: nothing fails, and nobody else’s row changes (seed ${SEED})`, async () => {
      const [mine, theirs] = vendor.calls;
      const rowsOfTheirs = async () => {
        const rows = Object.values(await rowsOf(world.database)).flat();
        return rows.filter((row) => row.includes(theirs.callQueueId) || row.includes(theirs.attemptId));
      };
      const before = await rowsOfTheirs();
      const fields = Object.keys(JSON.parse(vendor.end(mine)) as object);
      const inner = Object.keys(
        (JSON.parse(vendor.end(mine)) as Record<string, object>)[name === 'vapi' ? 'message' : 'call']!,
      );
      const change = fc.tuple(fc.constantFrom(...fields, ...inner, ...CALL_FIELDS), hostileValue);
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
          const body = vendor.end(mine, Object.fromEntries(changes));
          const answer = await deliver(vendor.providerId, { body, headers: vendor.prove(body) });
          return answer.status < 500;
        }),
        { numRuns: 150, seed: SEED, endOnFailure: true },
      );
      expect(before.length).toBeGreaterThan(2);
      expect(await rowsOfTheirs()).toEqual(before);
    });
  });
});

/** What both vendors' calls carry, and where a reader could trip. */
const CALL_FIELDS = [
  'type',
  'status',
  'endedReason',
  'startedAt',
  'endedAt',
  'durationSeconds',
  'cost',
  'transcript',
  'artifact',
  'analysis',
  'customer',
  'event',
  'start_timestamp',
  'end_timestamp',
  'duration_ms',
  'call_cost',
  'call_analysis',
  'call_status',
  'disconnection_reason',
  'metadata',
];

/** The part of a stand-in that is needed here. */
interface CallDesk {
  readonly calls: readonly { id: string; attemptId: string | undefined; customerNumber: string; toWire(): object }[];
  order(order: { number: string; call: { holdsWhile: 'in-progress' } }): void;
}

async function vapiVendor(
  world: DispatchWorld,
  otherProviderId: string,
  [first, second, ended]: readonly [VendorCall, VendorCall, VendorCall],
): Promise<Vendor> {
  const providerId = world.account.id;
  const secretOf = (sandbox: DispatchWorld['sandbox']) => {
    const sent = sandbox.posts[0]?.body as { assistantOverrides: { server: { headers: Record<string, string> } } };
    return sent.assistantOverrides.server.headers['X-Vapi-Secret']!;
  };
  const other = world.accounts.find(({ id }) => id === otherProviderId)!;
  const templateId = await world.addTemplate({ assistantId: other.assistantIds[0], providerId: other.id });
  await world.queue(numbers(1, 900), { templateId });
  await other.sandbox.waitFor(({ posts }) => posts.length === 1);
  const [secret, otherSecret] = [secretOf(world.sandbox), secretOf(other.sandbox)];
  const prove: Vendor['prove'] = (_, at = providerId) => ({
    'x-vapi-secret': at === providerId ? secret : otherSecret,
  });
  return {
    name: 'vapi',
    providerId,
    otherProviderId,
    calls: [first, second],
    ended,
    end: ({ id, attemptId, wire }, changes = {}) =>
      JSON.stringify({
        message: {
          type: 'end-of-call-report',
          endedReason: 'customer-ended-call',
          startedAt: '2026-11-22T10:00:00.000Z',
          endedAt: '2026-11-22T11:00:00.000Z',
          durationSeconds: 3_600,
          cost: 99,
          transcript: 'Forged.',
          ...changes,
          call: {
            ...wire,
            id,
            name: attemptId,
            customer: {},
            assistantOverrides: { metadata: { attemptId } },
            metadata: { attemptId },
          },
        },
      }),
    prove,
    forgeries: () => ({
      nothing: {},
      empty: { 'x-vapi-secret': '' },
      'another one': { 'x-vapi-secret': 'a secret of somebody else' },
      'that of another account': { 'x-vapi-secret': otherSecret },
      'another one as token': { authorization: 'Bearer a-secret-of-somebody-else' },
      'the API key': { 'x-vapi-secret': API_KEY },
      'the beginning': { 'x-vapi-secret': secret.slice(0, -1) },
      'more than the secret': { 'x-vapi-secret': `${secret}0` },
      'in other letters': { 'x-vapi-secret': swapCase(secret) },
      'twice over': { 'x-vapi-secret': `${secret}, ${secret}` },
      undefined: { 'x-vapi-secret': 'undefined' },
      'as another scheme': { authorization: `Basic ${secret}` },
      'in the other vendor’s header': { 'x-retell-signature': secret },
    }),
  };
}

function retellVendor(
  providerId: string,
  otherProviderId: string,
  [first, second, ended]: readonly [VendorCall, VendorCall, VendorCall],
): Vendor {
  const sign = (body: string, atMs = Date.now(), key = API_KEY) => {
    const digest = createHmac('sha256', key).update(`${body}${atMs}`).digest('hex');
    return `v=${atMs},d=${digest}`;
  };
  const header = (value: string): Headers => ({ 'x-retell-signature': value });
  return {
    name: 'retell',
    providerId,
    otherProviderId,
    calls: [first, second],
    ended,
    end: ({ id, attemptId, wire }, changes = {}) =>
      JSON.stringify({
        event: 'call_ended',
        call: {
          ...wire,
          call_status: 'ended',
          disconnection_reason: 'user_hangup',
          start_timestamp: 1_795_000_000_000,
          end_timestamp: 1_795_003_600_000,
          duration_ms: HOUR_MS,
          call_cost: { combined_cost: 9_900 },
          transcript: 'Forged.',
          ...changes,
          call_id: id,
          metadata: { attemptId },
        },
      }),
    prove: (body, _, atMs) => header(sign(body, atMs)),
    forgeries: (body) => ({
      nothing: {},
      empty: header(''),
      nonsense: header('v=1,d=x'),
      'another key': header(sign(body, Date.now(), 'a key of somebody else')),
      'an empty key': header(sign(body, Date.now(), 'undefined')),
      'of an hour ago': header(sign(body, Date.now() - HOUR_MS)),
      'of an hour ahead': header(sign(body, Date.now() + HOUR_MS)),
      'over another body': header(sign(`${body} `)),
      'over nothing': header(sign('')),
      'with a newer time': header(sign(body, Date.now() - HOUR_MS).replace(/v=\d+/, `v=${Date.now()}`)),
      'of a time that is none': header(sign(body).replace(/v=\d+/, 'v=NaN')),
      'without a digest': header(`v=${Date.now()}`),
      'cut off': header(sign(body).slice(0, -1)),
      'twice over': header(`${sign(body)}, ${sign(body)}`),
      'in the other vendor’s header': { 'x-vapi-secret': sign(body) },
    }),
  };
}

const swapCase = (text: string): string =>
  [...text].map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase())).join('');

describe('at Stripe', () => {
  let world: PaidPlansWorld;
  let buyer: Subscriber;
  let other: Subscriber;

  beforeAll(async () => {
    world = await PaidPlansWorld.start();
    [buyer, other] = [await world.signUp(), await world.signUp()];
    await world.buy(buyer, 'basic');
    await world.buy(other, 'business');
    await world.settled();
  });
  afterAll(() => world.stop());

  type StripeEvent = (typeof world.stripe.events)[number];
  const url = () => `${world.service.url}/v1/webhooks/stripe`;
  /** An event that would give the buyer the other's plan, or take the plan away. */
  const forged = (changes: object = {}): StripeEvent => {
    const known = world.stripe.events.find(({ type }) => type === 'customer.subscription.created')!;
    return { ...known, id: `evt_${randomUUID()}`, type: 'customer.subscription.deleted', ...changes };
  };

  const state = () => rowsOf(world.database);
  /** Apart from the events themselves, which are kept. */
  const stateBehind = () => rowsOf(world.database, ['public.stripe_events']);

  it.each<[string, () => { body: string | Buffer; headers: Headers }, number]>([
    ['no signature', () => ({ ...world.stripe.signed(forged()), headers: JSON_TYPE }), 401],
    ['another secret', () => world.stripe.signed(forged(), { secret: 'whsec_of_somebody_else' }), 401],
    ['an empty secret', () => world.stripe.signed(forged(), { secret: 'undefined' }), 401],
    [
      'a signature of an hour ago',
      () => world.stripe.signed(forged(), { timestamp: Math.floor(Date.now() / 1_000) - 3_600 }),
      401,
    ],
    ['another body', () => ({ ...world.stripe.signed(forged()), body: JSON.stringify(forged()) }), 401],
    [
      'a newer time',
      () => changeSignature((header) => header.replace(/t=\d+/, `t=${Math.floor(Date.now() / 1_000) + 60}`)),
      401,
    ],
    ['the test scheme', () => changeSignature((header) => header.replace('v1=', 'v0=')), 401],
    ['a cut signature', () => changeSignature((header) => header.slice(0, -2)), 401],
    [
      'an administrator’s token alone',
      () => ({ body: JSON.stringify(forged()), headers: { ...JSON_TYPE, authorization: 'Bearer x' } }),
      401,
    ],
    ['no JSON', () => ({ body: '{"id":', headers: JSON_TYPE }), 400],
    ['nothing at all', () => ({ body: '', headers: JSON_TYPE }), 401],
    ['a form', () => ({ body: 'id=evt_1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }), 415],
    ['more than 5 MB', () => ({ body: Buffer.alloc(5 * 2 ** 20 + 1, ' '), headers: JSON_TYPE }), 413],
  ])('%s changes nothing', async (_, make, status) => {
    const before = await state();
    const answer = await send(url(), 'POST', make());
    expect(answer.status).toBe(status);
    expect(await state()).toEqual(before);
  });

  function changeSignature(change: (header: string) => string) {
    const { body, headers } = world.stripe.signed(forged());
    return { body, headers: { ...headers, 'stripe-signature': change(String(headers['stripe-signature'])) } };
  }

  it('what it has said before changes nothing when it is said again', async () => {
    await world.settled();
    const before = await state();
    for (const event of world.stripe.events) {
      expect((await send(url(), 'POST', world.stripe.signed(event))).status).toBe(200);
    }
    await world.settled();
    expect(await state()).toEqual(before);
  });

  it('what it says is a hint: nothing follows from what is not so', async () => {
    const before = [await planOf(buyer), await planOf(other)];
    const customers = [await buyer.customerId(), await other.customerId()];
    const rows = withoutTimes(await stateBehind());
    const lies = [
      forged(),
      forged({
        data: { object: { id: 'sub_of_nobody', object: 'subscription', customer: customers[0], status: 'canceled' } },
      }),
      forged({
        data: { object: { id: customers[0], object: 'customer', deleted: true, metadata: { user_id: other.userId } } },
        type: 'customer.deleted',
      }),
      forged({
        data: { object: { id: 'cus_made_up', object: 'customer', metadata: { user_id: buyer.userId } } },
        type: 'customer.created',
      }),
      forged({
        data: {
          object: {
            id: 'cs_made_up',
            object: 'checkout.session',
            customer: customers[1],
            client_reference_id: buyer.userId,
          },
        },
        type: 'checkout.session.completed',
      }),
    ];
    for (const event of lies) expect((await send(url(), 'POST', world.stripe.signed(event))).status).toBe(200);
    await world.settled();
    expect([await planOf(buyer), await planOf(other)]).toEqual(before);
    expect(withoutTimes(await stateBehind())).toEqual(rows);
  });

  const planOf = async (user: Subscriber) => (await user.get('/v1/subscription')).body as unknown;
});

/** What is looked at again is marked as looked at. */
function withoutTimes(rows: Awaited<ReturnType<typeof rowsOf>>) {
  const time = /"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^"]*"/g;
  return Object.fromEntries(
    Object.entries(rows).map(([table, texts]) => [table, texts.map((text) => text.replace(time, 'time')).sort()]),
  );
}

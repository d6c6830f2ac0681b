import { DispatchWorld } from '../support/dispatch-world';
import { waitFor } from '../support/wait-for';

jest.setTimeout(60_000);

const LINES = {
  washington: '+12025550101',
  newYork: '+12125550102',
  newYorkToo: '+12125550103',
  berlin: '+493012345678',
} as const;
const TO_NEW_YORK = (index: number) => `+1212555${String(200 + index).padStart(4, '0')}`;
const TO_BERLIN = '+493087654321';

let world: DispatchWorld;
afterEach(() => world.stop());

/** One account with the lines; sandbox ids are their own digits, so that a post tells which one it was. */
async function start(lines: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<void> {
  const phoneNumbers = lines.map((number, index) => ({
    id: `7d4a2f10-0000-4000-8000-00000000010${String(index)}`,
    provider: 'twilio' as const,
    number,
  }));
  world = await DispatchWorld.start({ environment, sandbox: { phoneNumbers } });
}

const postedFrom = async (): Promise<(string | undefined)[]> => {
  const rows = await world.database.query<{ phone_id: string; full_number: string }>(
    'select phone_id, full_number from provider_phone_numbers',
  );
  const numbers = new Map(rows.map((row) => [row.phone_id, row.full_number]));
  return world.sandbox.posts.map((post) => numbers.get(post.phoneNumberId ?? ''));
};

async function callOneByOne(...recipients: readonly string[]): Promise<(string | undefined)[]> {
  for (const recipient of recipients) {
    const [id] = (await world.queue([recipient])) as [string];
    await world.callWhen(id, 'completed');
  }
  return postedFrom();
}

const change = async (fullNumber: string, changes: object): Promise<void> => {
  const { items } = await world.admin('GET', '/v1/admin/phone-numbers');
  const { id } = (items as { id: string; fullNumber: string }[]).find((one) => one.fullNumber === fullNumber)!;
  await world.admin('PATCH', `/v1/admin/phone-numbers/${id}`, changes);
};

describe('the number that calls', () => {
  it('is one of the recipient’s area, in turns; else of the country, the one unused longest', async () => {
    await start(Object.values(LINES));
    expect(await callOneByOne(TO_NEW_YORK(0), TO_NEW_YORK(1), TO_NEW_YORK(2), TO_BERLIN)).toEqual([
      ...(await postedFrom()).slice(0, 2),
      (await postedFrom())[0],
      LINES.berlin,
    ]);
    expect(new Set((await postedFrom()).slice(0, 2))).toEqual(new Set([LINES.newYork, LINES.newYorkToo]));
    await change(LINES.newYork, { isActive: false });
    await change(LINES.newYorkToo, { capabilities: ['sms'] });
    expect((await callOneByOne(TO_NEW_YORK(3))).at(-1)).toBe(LINES.washington);
  });

  it('is not again and again the one whose calls the vendor refuses', async () => {
    await start([LINES.newYork, LINES.newYorkToo], { PROVIDER_COOLDOWN_MS: '50', DISPATCH_INTERVAL_MS: '50' });
    const [id] = await (async () => {
      world.sandbox.order({ number: TO_NEW_YORK(0), times: 3, answer: { kind: 'over-limit' } });
      return world.queue([TO_NEW_YORK(0)]);
    })();
    await world.callWhen(id!, 'completed');
    const [first, second, third, fourth] = await postedFrom();
    expect([third, fourth]).toEqual([first, second]);
    expect(first).not.toBe(second);
  });

  it('may be limited to countries, and is then used for no other', async () => {
    await start([LINES.washington, LINES.berlin]);
    await change(LINES.washington, { capabilities: ['voice', 'to:US'] });
    await change(LINES.berlin, { capabilities: ['voice', 'to:DE', 'to:AT'] });
    expect(await callOneByOne(TO_NEW_YORK(0), TO_NEW_YORK(1), TO_BERLIN)).toEqual([
      LINES.washington,
      LINES.washington,
      LINES.berlin,
    ]);
  });

  it('is refused as a destination that is no country', async () => {
    await start([LINES.washington]);
    const { items } = await world.admin('GET', '/v1/admin/phone-numbers');
    for (const capability of ['to:usa', 'to:', 'to:us', 'to:U1']) {
      const answer = await world.service.request('PATCH', `/v1/admin/phone-numbers/${items[0].id}`, {
        token: world.adminToken,
        body: { capabilities: ['voice', capability] },
      });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'capabilities.1' }] } });
    }
  });
});

describe('calls that no number may make', () => {
  it('wait without holding up those behind them, say why, and go out once a number may make them', async () => {
    await start([LINES.berlin]);
    await change(LINES.berlin, { capabilities: ['voice', 'to:DE'] });
    const stuck = await world.queue(Array.from({ length: 25 }, (_, index) => TO_NEW_YORK(index)));
    const [german] = (await world.queue([TO_BERLIN])) as [string];
    await world.callWhen(german, 'completed');
    expect(world.sandbox.posts).toHaveLength(1);
    const waiting = async () => (await world.admin('GET', '/v1/admin/queue')).waiting;
    await waitFor(async () => (await waiting())[0]?.calls === 25, 'all of them are explained');
    expect(await waiting()).toEqual([{ reason: 'no_number', providerId: world.account.id, calls: 25, until: null }]);
    await change(LINES.berlin, { capabilities: ['voice', 'to:DE', 'to:US'] });
    await world.admin('POST', `/v1/admin/providers/${world.account.id}/resume`);
    for (const id of stuck) await world.callWhen(id, 'completed');
  });
});

import { connect } from 'node:net';
import { type RetellSandbox, startRetellSandbox } from '../retell/retell-sandbox';
import { startVapiSandbox, type VapiSandbox } from '../vapi/vapi-sandbox';
import type { Json } from './json';

jest.setTimeout(30_000);

const NUMBER = '+12025550147';

/** What a vendor's own words are for the same things. */
interface Vendor {
  start(): Promise<VapiSandbox | RetellSandbox>;
  readonly create: string;
  request(sandbox: VapiSandbox | RetellSandbox): Json;
  readonly read: (callId: string) => string;
  readonly tooMany: number;
}

const VAPI: Vendor = {
  start: () =>
    startVapiSandbox({
      apiKey: 'key',
      speed: Infinity,
      script: () => ({ ...HELD, endedReason: 'customer-ended-call' }),
    }),
  create: '/call',
  request: (sandbox) => ({
    assistantId: (sandbox as VapiSandbox).assistants[0]?.id,
    phoneNumberId: (sandbox as VapiSandbox).phoneNumbers[0]?.id,
    customer: { number: NUMBER },
  }),
  read: (callId) => `/call/${callId}`,
  tooMany: 400,
};
const RETELL: Vendor = {
  start: () =>
    startRetellSandbox({ apiKey: 'key', speed: Infinity, script: () => ({ ...HELD, endedReason: 'user_hangup' }) }),
  create: '/v2/create-phone-call',
  request: (sandbox) => ({
    from_number: (sandbox as RetellSandbox).phoneNumbers[0]?.number,
    to_number: NUMBER,
    override_agent_id: (sandbox as RetellSandbox).agents[0]?.id,
  }),
  read: (callId) => `/v2/get-call/${callId}`,
  tooMany: 429,
};
const HELD = { holdsWhile: 'in-progress' } as const;

describe.each([
  ["Vapi's", VAPI],
  ["Retell's", RETELL],
])('%s stand-in', (_, vendor) => {
  let sandbox: VapiSandbox | RetellSandbox;
  beforeEach(async () => {
    sandbox = await vendor.start();
  });
  afterEach(() => sandbox.stop());

  const send = async (path: string, body?: Json) => {
    const response = await fetch(`${sandbox.url}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    await response.arrayBuffer();
    return response.status;
  };
  const place = () => send(vendor.create, vendor.request(sandbox));
  /** A new one: fetch may take an old one that it does not know to be closed yet. */
  const connection = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1', () => {
        socket.destroy();
        resolve();
      });
      socket.once('error', reject);
    });

  it('refuses connections while it is down, lets its calls go on, and comes back where it was', async () => {
    const { url } = sandbox;
    await place();
    await sandbox.waitFor(({ calls }) => calls[0]?.status === 'in-progress');
    sandbox.order({ answer: { kind: 'hang-after' } });
    const cut = expect(place()).rejects.toThrow();
    await sandbox.waitFor(({ posts }) => posts.length === 2);
    await sandbox.goDown();
    await cut;
    await expect(connection()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(sandbox.release()).toBeGreaterThan(0);
    await sandbox.waitFor(({ calls }) => calls[0]?.isLive === false);
    await sandbox.comeBack();
    await connection();
    expect(sandbox.url).toBe(url);
    expect(await send(vendor.read(sandbox.calls[0]?.id ?? ''))).toBe(200);
    expect(await place()).toBe(201);
    expect(sandbox.posts.map(({ answeredStatus }) => answeredStatus)).toEqual([201, undefined, 201]);
    expect(sandbox.dialsTo(NUMBER)).toBe(3);
  });

  it('keeps an order until it is withdrawn', async () => {
    sandbox.order({ times: 'always', answer: { kind: 'over-limit' }, read: { status: 503 } });
    const answers = [await place(), await place(), await send(vendor.read('any'))];
    expect(answers).toEqual([vendor.tooMany, vendor.tooMany, 503]);
    sandbox.withdrawOrders();
    expect(await place()).toBe(201);
    expect(await send(vendor.read(sandbox.calls[0]?.id ?? ''))).toBe(200);
  });

  it('measures the most live calls anew when it is told to', async () => {
    for (let count = 0; count < 3; count += 1) await place();
    sandbox.hangUp();
    await place();
    expect(sandbox.maxLiveCalls).toBe(3);
    sandbox.restartMaxLiveCalls();
    expect(sandbox.maxLiveCalls).toBe(1);
    await place();
    expect(sandbox.maxLiveCalls).toBe(2);
  });
});

import { randomUUID } from 'node:crypto';
import { LocalPaymentRecords } from '../../src/modules/billing/application/ports/local-payment-records.port';
import { PaymentGateway } from '../../src/modules/billing/application/ports/payment-gateway.port';
import { PaymentObjectMissing, PaymentWebhookRefused } from '../../src/modules/billing/domain/billing.errors';
import { submit, visit } from '../support/payment-page';
import { type Service, startService } from '../support/service';
import { describePaymentGateway } from './payment-gateway.contract';
import { BASIC, BUSINESS, newChange, newWish, type PaymentSide, Shop } from './payment-side';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const RETURN_URL = 'https://app.example.com/account';

let service: Service;
let gateway: PaymentGateway;
/** How far the page's clock is ahead of the database's. */
let aheadMs = 0;

beforeAll(async () => {
  service = await startService({ environment: { LOCAL_PAYMENTS: 'true' } });
  gateway = service.app.get(PaymentGateway, { strict: false });
  const records = service.app.get(LocalPaymentRecords, { strict: false });
  const databaseNow = records.now.bind(records);
  records.now = async () => new Date((await databaseNow()).getTime() + aheadMs);
});
afterAll(() => service.stop());

async function press(url: string, action: string, note: RegExp): Promise<void> {
  const { location } = await (await visit(url)).press(action);
  if (!note.test(location ?? '')) throw new Error(`${action} leads to ${String(location)}`);
}

async function pressInPortal(customerId: string, action: string): Promise<void> {
  await press(await gateway.openPortal(customerId, RETURN_URL), action, /note=done$/);
}

async function payWhatIsOpen(customerId: string): Promise<void> {
  const { actions } = await visit(await gateway.openPortal(customerId, RETURN_URL));
  for (const action of actions.filter((offered) => offered.startsWith('pay-'))) await pressInPortal(customerId, action);
}

async function endPeriod(subscriptionId: string): Promise<void> {
  const [row] = await service.database.query<{ period_end: Date; customer_id: string }>(
    `select (data->'period'->>'end')::timestamptz as period_end, customer_id from local_payment_records where id = $1`,
    [subscriptionId],
  );
  aheadMs = row!.period_end.getTime() - Date.now() + SECOND_MS;
  await visit(await gateway.openPortal(row!.customer_id, RETURN_URL));
}

async function addSubscriptions(customerId: string, count: number): Promise<void> {
  await service.database.query(
    `insert into local_payment_records (id, kind, customer_id, data)
     select 'local_subscription_' || gen_random_uuid(), kind, customer_id, data
       from (select * from local_payment_records where kind = 'subscription' and customer_id = $1 limit 1) as one,
            generate_series(1, $2)`,
    [customerId, count],
  );
}

async function count(query: string, parameters: readonly unknown[]): Promise<number> {
  const [row] = await service.database.query<{ count: string }>(query, [...parameters]);
  return Number(row?.count);
}

async function emptySide(): Promise<PaymentSide> {
  aheadMs = 0;
  await service.database.query('delete from local_payment_records');
  const unable = (): never => {
    throw new Error('the local payment page cannot do this');
  };
  return {
    gateway,
    secrets: [],
    now: () => new Date(Date.now() + aheadMs),
    pay: (url) => press(url, 'pay', /^https:\/\/app\.example\.com\/thanks/),
    decline: (url) => press(url, 'decline', /note=declined$/),
    setCard: async (customerId, card) => pressInPortal(customerId, `card-${card}`),
    payWhatIsOpen,
    endPeriod,
    giveUp: async (subscriptionId) => {
      const query = 'select customer_id from local_payment_records where id = $1';
      const [row] = await service.database.query<{ customer_id: string }>(query, [subscriptionId]);
      await pressInPortal(row!.customer_id, 'give-up');
    },
    deleteCustomer: (customerId) => pressInPortal(customerId, 'delete'),
    addSubscriptions: (customerId, _priceId, number) => addSubscriptions(customerId, number),
    reach: async (_status, { customerId, id }) => {
      await pressInPortal(customerId, 'fail-renewal');
      return id;
    },
    payments: (customerId) =>
      count(
        `select coalesce(sum(jsonb_array_length(data->'payments')), 0) as count
           from local_payment_records where kind = 'subscription' and customer_id = $1`,
        [customerId],
      ),
    openPages: (customerId) =>
      count(
        `select count(*) from local_payment_records
          where kind = 'checkout' and customer_id = $1 and data->>'status' = 'open'`,
        [customerId],
      ),
    customersOf: (userId) =>
      count(`select count(*) from local_payment_records where kind = 'customer' and data->>'userId' = $1`, [userId]),
    webhook: unable,
    fail: unable,
    heal: unable,
    stop: async () => undefined,
  };
}

describePaymentGateway('the local payment page', emptySide, {
  network: false,
  webhooks: false,
  confirmation: false,
  statuses: ['past_due'],
});

describe('the gateway of the local payment page', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = new Shop(await emptySide());
  });

  it('does an operation once, also when others came in between', async () => {
    const before = await shop.subscriber();
    const earlier = newChange(before, await gateway.offer(BUSINESS));
    await gateway.changeNow(earlier);
    await gateway.cancelAtPeriodEnd(randomUUID(), before.id, true);
    const canceled = await shop.now(before);
    expect(await gateway.changeNow(earlier)).toBe(true);
    expect(await shop.now(before)).toEqual(canceled);
  });

  it('changes nothing that has ended', async () => {
    const before = await shop.subscriber();
    await gateway.cancelNow(before.id);
    const ended = await shop.now(before);
    const refused = expect.any(PaymentObjectMissing);
    await expect(gateway.changeNow(newChange(before, await gateway.offer(BUSINESS)))).rejects.toEqual(refused);
    await expect(gateway.goOn(randomUUID(), before.id)).rejects.toEqual(refused);
    expect(await shop.now(before)).toEqual(ended);
  });

  it('shows of a deleted customer only what is asked for by name', async () => {
    const { customerId, id } = await shop.subscriber();
    await shop.side.deleteCustomer(customerId);
    expect(await gateway.subscriptionsOf(customerId, [])).toEqual([]);
    expect(await gateway.subscriptionsOf(customerId, [id])).toMatchObject([{ id, rawStatus: 'canceled' }]);
  });

  it('closes a page by itself after a day', async () => {
    const customerId = await shop.newCustomer();
    const wish = newWish(customerId, await gateway.offer(BASIC));
    const checkout = await gateway.openCheckout(wish);
    aheadMs = DAY_MS - MINUTE_MS;
    expect((await visit(checkout.url)).actions).toContain('pay');
    aheadMs = DAY_MS + MINUTE_MS;
    expect(await visit(checkout.url)).toMatchObject({ status: 410, actions: [] });
    await submit(checkout.url, { action: 'pay' });
    expect(await gateway.subscriptionsOf(customerId, [])).toEqual([]);
    expect((await gateway.openCheckout(wish)).url).not.toBe(checkout.url);
  });

  it('believes no webhook', () => {
    expect(() => gateway.readEvent({ headers: {}, rawBody: Buffer.from('{}') })).toThrow(PaymentWebhookRefused);
  });

  it('tells the service about every change, at the page, by the service or by time alone', async () => {
    const before = await shop.subscriber();
    const types = async (): Promise<string[]> => {
      const query = 'select type from stripe_events where customer_id = $1 order by created';
      return (await service.database.query<{ type: string }>(query, [before.customerId])).map(({ type }) => type);
    };
    expect(await types()).toEqual(['local.subscription_begun']);
    await gateway.cancelAtPeriodEnd(randomUUID(), before.id, false);
    await pressInPortal(before.customerId, 'undo');
    await endPeriod(before.id);
    expect(await types()).toEqual([
      'local.subscription_begun',
      'local.subscription_changed',
      'local.undo',
      'local.time_passed',
    ]);
  });
});

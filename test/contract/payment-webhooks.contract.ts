import { PaymentWebhookRefused } from '../../src/modules/billing/domain/billing.errors';
import { type PaymentSide, useShop, type WebhookWish } from './payment-side';

/** What a payment side sends of its own accord. */
export function describePaymentWebhooks(make: () => Promise<PaymentSide>): void {
  describe('webhooks', () => {
    const shop = useShop(make);
    const webhookOf = async (wish?: WebhookWish) => {
      const { customerId } = await shop().subscriber();
      return { customerId, webhook: shop().side.webhook(customerId, wish) };
    };

    it('say whom they are about', async () => {
      const { customerId, userId } = await shop().subscriber();
      const webhook = shop().side.webhook(customerId);
      expect(shop().gateway.readEvent(webhook)).toEqual({
        id: expect.stringMatching(/./),
        type: expect.stringMatching(/./),
        apiVersion: expect.any(String),
        createdAt: expect.any(Date),
        customerId,
        userId,
        payload: expect.anything(),
      });
    });

    it('leave nothing behind that is secret or somebody’s address', async () => {
      const { customerId, webhook } = await webhookOf({
        event: {
          note: 'sk_live_of_the_note',
          data: {
            object: {
              id: 'cs_1',
              object: 'checkout.session',
              client_secret: 'cs_secret_1',
              customer_details: { email: 'anna@example.com', address: { line1: '1 Main Street' } },
              url: 'https://checkout.example.com/pay/cs_1#fid',
              metadata: { note: 'private' },
            },
            previous_attributes: { url: 'https://checkout.example.com/pay/cs_0' },
          },
        },
      });
      const { payload } = shop().gateway.readEvent(webhook);
      expect(JSON.stringify(payload)).not.toMatch(/secret|sk_live|@|https?:|Street|private/);
      expect(customerId).toBeTruthy();
    });

    it.each(['newer', 'older'] as const)('are taken when signed with the %s secret', async (secret) => {
      const { customerId, webhook } = await webhookOf({ secret });
      expect(shop().gateway.readEvent(webhook)).toMatchObject({ customerId });
    });

    it.each<[string, WebhookWish]>([
      ['of an unknown type', { event: { type: 'customer.moved_to_mars' } }],
      ['of another version', { event: { api_version: '2099-01-01.unheard' } }],
      ['without a version', { event: { api_version: null } }],
      ['with text that no database takes', { event: { type: 'odd\u0000type', request: 'a\ud800b' } }],
    ])('are events as well when they are %s', async (_name, wish) => {
      const { customerId, webhook } = await webhookOf(wish);
      const event = shop().gateway.readEvent(webhook);
      expect(event).toMatchObject({ customerId, createdAt: expect.any(Date) });
      expect(JSON.stringify(event)).not.toMatch(/\\u0000|\\ud800/);
    });

    it.each<[string, Readonly<Record<string, unknown>>]>([
      ['no object', { data: undefined }],
      ['an odd object', { data: { object: ['?'] } }],
      ['nobody', { data: { object: { object: 'balance', available: [] } } }],
      ['a customer that is no text', { data: { object: { id: 'x', customer: 7, metadata: 'none' } } }],
      ['no data and an odd time', { data: null, created: 'yesterday' }],
    ])('are events about nobody when they hold %s', async (_name, event) => {
      const { webhook } = await webhookOf({ event });
      expect(shop().gateway.readEvent(webhook)).toMatchObject({ customerId: null, userId: null });
    });

    it.each<[string, WebhookWish]>([
      ['with a secret that is not ours', { secret: 'other' }],
      ['ten minutes ago', { ageSeconds: 600 }],
    ])('are refused when signed %s', async (_name, wish) => {
      const { webhook } = await webhookOf(wish);
      expect(() => shop().gateway.readEvent(webhook)).toThrow(PaymentWebhookRefused);
    });

    it('are refused when a byte differs, or the signature or the body is missing', async () => {
      const { webhook } = await webhookOf();
      const body = Buffer.from(webhook.rawBody);
      for (const forged of [
        { ...webhook, headers: {} },
        { ...webhook, rawBody: Buffer.alloc(0) },
        { ...webhook, rawBody: Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1)) },
        { ...webhook, rawBody: Buffer.concat([body, Buffer.from(' ')]) },
        { ...webhook, headers: Object.fromEntries(Object.keys(webhook.headers).map((name) => [name, 'nonsense'])) },
      ]) {
        expect(() => shop().gateway.readEvent(forged)).toThrow(PaymentWebhookRefused);
      }
    });
  });
}

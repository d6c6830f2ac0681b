import Stripe from 'stripe';
import { readEvent } from './read-event';

const SECRET = 'whsec_of_this_test';
const USER_ID = '0198a2b4-0000-7000-8000-000000000001';

function payloadOf(event: Readonly<Record<string, unknown>>): unknown {
  const payload = JSON.stringify({ id: 'evt_1', object: 'event', livemode: true, ...event });
  const header = Stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET });
  return readEvent({ headers: { 'stripe-signature': header }, rawBody: Buffer.from(payload) }, [SECRET]).payload;
}

describe('readEvent', () => {
  it('keeps of an event which object it is about, how that was, and what had changed', () => {
    const object = {
      id: 'sub_1',
      object: 'subscription',
      customer: 'cus_1',
      status: 'past_due',
      default_payment_method: { billing_details: { email: 'anna@example.com' } },
      metadata: { user_id: USER_ID, note: 'private' },
    };
    const previous_attributes = { status: 'active', latest_invoice: 'in_1' };
    expect(payloadOf({ type: 'customer.subscription.updated', data: { object, previous_attributes } })).toEqual({
      livemode: true,
      object: { id: 'sub_1', object: 'subscription', status: 'past_due', subscription: null },
      changed: ['latest_invoice', 'status'],
    });
  });

  it('keeps no page and no secret of a checkout', () => {
    const object = {
      id: 'cs_1',
      object: 'checkout.session',
      client_secret: 'cs_1_secret_1',
      customer_email: 'anna@example.com',
      status: 'complete',
      subscription: 'sub_1',
      url: 'https://checkout.example.com/c/pay/cs_1',
    };
    expect(payloadOf({ data: { object } })).toEqual({
      livemode: true,
      object: { id: 'cs_1', object: 'checkout.session', status: 'complete', subscription: 'sub_1' },
    });
  });

  it.each<[string, unknown]>([
    ['by its id', 'sub_1'],
    ['as a whole', { id: 'sub_1', latest_invoice: 'in_1' }],
  ])('finds the subscription that an invoice names %s', (_, subscription) => {
    const parent = { type: 'subscription_details', subscription_details: { subscription } };
    const object = { id: 'in_1', object: 'invoice', status: 'paid', hosted_invoice_url: 'https://example.com', parent };
    expect(payloadOf({ data: { object } })).toMatchObject({ object: { id: 'in_1', subscription: 'sub_1' } });
  });

  it('keeps of a thin event what it is about', () => {
    const event = {
      object: 'v2.core.event',
      related_object: { id: 'cus_1', type: 'customer', url: '/v1/customers/1' },
    };
    expect(payloadOf(event)).toEqual({
      livemode: true,
      object: { id: 'cus_1', object: 'customer', status: null, subscription: null },
    });
  });
});

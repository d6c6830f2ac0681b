import type Stripe from 'stripe';
import { type Opened, opened, refusalOf, seconds, typesOf } from './opened.fixtures';
import type { StripeSandboxOptions } from './stripe-sandbox';

describe("Lives of subscriptions in Stripe's stand-in", () => {
  let world: Opened;
  const open = async (options: Partial<StripeSandboxOptions> = {}): Promise<string> => {
    world = await opened(options);
    return (await world.sandbox.price({ amount: 1900, lookupKey: 'basic' })).id;
  };
  afterEach(() => world.sandbox.stop());

  const found = (id: string): Promise<Stripe.Subscription> =>
    world.stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] });
  const invoiceOf = (subscription: Stripe.Subscription): Stripe.Invoice =>
    subscription.latest_invoice as Stripe.Invoice;

  describe('at the checkout', () => {
    const sessionFor = async (
      more: Partial<Stripe.Checkout.SessionCreateParams> = {},
    ): Promise<Stripe.Checkout.Session> => {
      const price = await open();
      return world.stripe.checkout.sessions.create({
        mode: 'subscription',
        client_reference_id: 'u1',
        line_items: [{ price, quantity: 1 }],
        success_url: 'https://example.com/done?{CHECKOUT_SESSION_ID}',
        cancel_url: 'https://example.com/back',
        metadata: { user_id: 'u1' },
        subscription_data: { metadata: { user_id: 'u1' } },
        ...more,
      });
    };

    it('begin with a payment, which is told in many events', async () => {
      const session = await sessionFor();
      const { sandbox, stripe } = world;
      const before = sandbox.events.length;
      await sandbox.act.payCheckout({ session: session.id });
      expect(typesOf(sandbox, before)).toEqual([
        'customer.created',
        'payment_method.attached',
        'invoice.created',
        'customer.subscription.created',
        'invoice.finalized',
        'invoice.paid',
        'invoice.payment_succeeded',
        'customer.subscription.updated',
        'checkout.session.completed',
      ]);
      const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription', 'invoice'] });
      expect(done).toMatchObject({
        status: 'complete',
        payment_status: 'paid',
        client_reference_id: 'u1',
        url: null,
        subscription: { status: 'active', metadata: { user_id: 'u1' }, billing_mode: { type: 'flexible' } },
        invoice: {
          amount_paid: 1900,
          billing_reason: 'subscription_create',
          parent: { type: 'subscription_details', subscription_details: { metadata: { user_id: 'u1' } } },
        },
      });
      expect((done.subscription as Stripe.Subscription).items.data[0]).toMatchObject({
        current_period_start: seconds('2026-01-31T10:00:00Z'),
        current_period_end: seconds('2026-02-28T10:00:00Z'),
      });
      expect(sandbox.eventsOf('customer.subscription.created')[0]!.data.object.status).toBe('incomplete');
      expect(sandbox.eventsOf('customer.subscription.updated')[0]!.data.previous_attributes).toEqual({
        status: 'incomplete',
      });
    });

    it('do not begin with a card that declines, and may after that', async () => {
      const session = await sessionFor();
      const { sandbox } = world;
      await sandbox.act.payCheckout({ session: session.url!, card: 'declines' });
      expect(sandbox.subscriptions).toHaveLength(0);
      await sandbox.act.payCheckout({ session: session.url! });
      expect(sandbox.subscriptions).toHaveLength(1);
      await expect(sandbox.act.payCheckout({ session: session.id })).rejects.toThrow(/complete/);
    });

    it('can be begun on the page itself', async () => {
      const session = await sessionFor();
      const page = await fetch(session.url!);
      expect(await page.text()).toContain('19.00 usd');
      const post = (action: string): Promise<Response> =>
        fetch(session.url!, { method: 'POST', body: new URLSearchParams({ action }), redirect: 'manual' });
      expect((await post('cancel')).headers.get('location')).toBe('https://example.com/back');
      expect(await (await post('decline')).text()).toContain('declined');
      expect((await post('pay')).headers.get('location')).toBe(`https://example.com/done?${session.id}`);
      expect(world.sandbox.subscriptions[0]!.status).toBe('active');
    });

    it('wait for money that comes later', async () => {
      const session = await sessionFor();
      const { sandbox } = world;
      await sandbox.act.payCheckout({ session: session.id, later: true });
      expect(sandbox.sessions[0]).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
      await sandbox.clock.advance({ days: 3 });
      expect(sandbox.subscriptions[0]!.status).toBe('incomplete');
      await sandbox.act.settleCheckout({ session: session.id, succeeds: true });
      expect(sandbox.subscriptions[0]!.status).toBe('active');
      expect(typesOf(sandbox).at(-1)).toBe('checkout.session.async_payment_succeeded');
    });

    it('do not begin when that money never comes', async () => {
      const session = await sessionFor();
      const { sandbox } = world;
      await sandbox.act.payCheckout({ session: session.id, later: true });
      await sandbox.act.settleCheckout({ session: session.id, succeeds: false });
      expect(typesOf(sandbox).at(-1)).toBe('checkout.session.async_payment_failed');
      await sandbox.clock.advance({ days: 1 });
      expect(sandbox.subscriptions[0]!.status).toBe('incomplete_expired');
    });

    it('never begin once the session has expired', async () => {
      const session = await sessionFor({ expires_at: seconds('2026-01-31T10:30:00Z') });
      const { sandbox, stripe } = world;
      await sandbox.clock.advance({ minutes: 30 });
      expect(typesOf(sandbox).at(-1)).toBe('checkout.session.expired');
      expect(await refusalOf(stripe.checkout.sessions.expire(session.id))).toMatchObject({ statusCode: 400 });
      const other = await stripe.checkout.sessions.retrieve(session.id);
      expect(other).toMatchObject({ status: 'expired', url: null });
    });
  });

  describe('on trial', () => {
    it('are announced to end, and then billed', async () => {
      const price = await open();
      const { sandbox } = world;
      const { subscription } = await sandbox.subscriber({ price, trialDays: 14 });
      expect(subscription).toMatchObject({ status: 'trialing', trial_end: seconds('2026-02-14T10:00:00Z') });
      expect(sandbox.invoices[0]).toMatchObject({ amount_due: 0, status: 'paid' });
      await sandbox.clock.advanceTo('2026-02-11T10:00:00Z');
      expect(typesOf(sandbox).at(-1)).toBe('customer.subscription.trial_will_end');
      await sandbox.clock.advanceTo('2026-02-14T11:00:00Z');
      const after = await found(subscription.id);
      expect(after).toMatchObject({ status: 'active', billing_cycle_anchor: seconds('2026-02-14T10:00:00Z') });
      expect(invoiceOf(after)).toMatchObject({ status: 'paid', amount_paid: 1900 });
    });

    it.each([
      ['cancel', 'canceled', 'customer.subscription.deleted'],
      ['pause', 'paused', 'customer.subscription.paused'],
    ] as const)('without a card: %s', async (behavior, status, event) => {
      const price = await open();
      const { sandbox, stripe } = world;
      const session = await stripe.checkout.sessions.create({
        mode: 'subscription',
        line_items: [{ price, quantity: 1 }],
        success_url: 'https://example.com/done',
        payment_method_collection: 'if_required',
        subscription_data: {
          trial_period_days: 14,
          trial_settings: { end_behavior: { missing_payment_method: behavior } },
        },
      });
      await sandbox.act.payCheckout({ session: session.id, card: 'none' });
      expect(sandbox.sessions[0]!.payment_status).toBe('no_payment_required');
      await sandbox.clock.advance({ days: 14 });
      expect(sandbox.subscriptions[0]!.status).toBe(status);
      expect(typesOf(sandbox).at(-1)).toBe(event);
    });
  });

  describe('renewed', () => {
    it('begin the next period, with a draft first and a payment an hour later', async () => {
      const price = await open();
      const { sandbox } = world;
      const { subscription } = await sandbox.subscriber({ price });
      await sandbox.clock.advanceTo('2026-02-28T10:00:00Z');
      const renewed = await found(subscription.id);
      expect(renewed.items.data[0]).toMatchObject({
        current_period_start: seconds('2026-02-28T10:00:00Z'),
        current_period_end: seconds('2026-03-31T10:00:00Z'),
      });
      expect(invoiceOf(renewed)).toMatchObject({ status: 'draft', billing_reason: 'subscription_cycle' });
      await sandbox.clock.advance({ hours: 1 });
      expect(invoiceOf(await found(subscription.id))).toMatchObject({ status: 'paid', attempt_count: 1 });
    });

    it('are announced a week before by an invoice that has no id yet', async () => {
      const price = await open();
      const { sandbox } = world;
      await sandbox.subscriber({ price });
      await sandbox.clock.advanceTo('2026-02-21T10:00:00Z');
      const [event] = sandbox.eventsOf('invoice.upcoming');
      expect(event!.data.object).not.toHaveProperty('id');
      expect(event!.data.object).toMatchObject({ object: 'invoice', amount_due: 1900 });
    });
  });

  describe('that are not paid for', () => {
    const failing = async (end: 'cancel' | 'unpaid' | 'past_due'): Promise<string> => {
      const price = await open({ dunning: { end } });
      const { subscription } = await world.sandbox.subscriber({ price, card: 'declines' });
      await world.sandbox.clock.advanceTo('2026-02-28T11:00:00Z');
      return subscription.id;
    };

    it('fall behind, are retried and recover', async () => {
      const id = await failing('cancel');
      const { sandbox } = world;
      const behind = await found(id);
      expect(behind.status).toBe('past_due');
      expect(invoiceOf(behind)).toMatchObject({
        status: 'open',
        attempt_count: 1,
        next_payment_attempt: seconds('2026-03-03T11:00:00Z'),
      });
      expect(typesOf(sandbox)).toContain('invoice.payment_failed');
      await sandbox.act.setCard({ customer: behind.customer as string, card: 'works' });
      await sandbox.clock.advanceTo('2026-03-03T11:00:00Z');
      expect(await found(id)).toMatchObject({ status: 'active', latest_invoice: { status: 'paid', attempt_count: 2 } });
    });

    it('recover when somebody pays by hand', async () => {
      const id = await failing('cancel');
      await world.sandbox.act.payInvoice({ invoice: invoiceOf(await found(id)).id });
      expect((await found(id)).status).toBe('active');
    });

    it('end with one event alone when they are to be canceled', async () => {
      const id = await failing('cancel');
      const { sandbox } = world;
      await sandbox.clock.advanceTo('2026-03-08T11:00:00Z');
      const before = sandbox.events.length;
      await sandbox.clock.advanceTo('2026-03-15T11:00:00Z');
      const types = typesOf(sandbox, before).filter((type) => type.startsWith('customer.subscription'));
      expect(types).toEqual(['customer.subscription.deleted']);
      expect(await found(id)).toMatchObject({
        status: 'canceled',
        cancellation_details: { reason: 'payment_failed' },
        latest_invoice: { attempt_count: 4, status: 'open', next_payment_attempt: null },
      });
    });

    it.each(['unpaid', 'past_due'] as const)('stay %s when that is the rule', async (end) => {
      const id = await failing(end);
      const { sandbox } = world;
      await sandbox.clock.advanceTo('2026-03-16T00:00:00Z');
      expect((await found(id)).status).toBe(end);
      await sandbox.clock.advanceTo('2026-04-02T00:00:00Z');
      const later = await found(id);
      expect(later.status).toBe(end);
      expect(invoiceOf(later).status).toBe(end === 'unpaid' ? 'draft' : 'open');
    });

    it('expire when the first payment never comes', async () => {
      const price = await open();
      const { sandbox, stripe } = world;
      const customer = await stripe.customers.create();
      const { id } = await stripe.subscriptions.create({
        customer: customer.id,
        items: [{ price }],
        payment_behavior: 'default_incomplete',
      });
      expect((await found(id)).status).toBe('incomplete');
      await sandbox.clock.advance({ hours: 23 });
      expect(await found(id)).toMatchObject({ status: 'incomplete_expired', latest_invoice: { status: 'void' } });
    });

    it('ask for authentication', async () => {
      const price = await open();
      const { sandbox } = world;
      const { subscription } = await sandbox.subscriber({ price, card: 'requires_action' });
      await sandbox.clock.advanceTo('2026-02-28T11:00:00Z');
      expect(typesOf(sandbox)).toEqual(
        expect.arrayContaining(['invoice.payment_failed', 'invoice.payment_action_required']),
      );
      expect((await found(subscription.id)).status).toBe('past_due');
    });
  });

  it('keep to the thirty-first, where the month has one', async () => {
    const price = await open();
    const { sandbox } = world;
    const { subscription } = await sandbox.subscriber({ price });
    const ends: string[] = [];
    for (let month = 0; month < 5; month += 1) {
      const { items } = await found(subscription.id);
      ends.push(new Date(items.data[0]!.current_period_end * 1000).toISOString().slice(0, 10));
      await sandbox.clock.advanceTo(new Date(items.data[0]!.current_period_end * 1000));
    }
    expect(ends).toEqual(['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31', '2026-06-30']);
  });
});

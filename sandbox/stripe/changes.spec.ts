import type Stripe from 'stripe';
import { type Opened, opened, refusalOf, seconds, typesOf } from './opened.fixtures';

describe("Changes of subscriptions in Stripe's stand-in", () => {
  let world: Opened;
  let basic: string;
  let pro: string;
  let yearly: string;
  let subscription: Stripe.Subscription;

  beforeEach(async () => {
    world = await opened({ now: new Date('2026-04-01T00:00:00Z') });
    const { sandbox } = world;
    basic = (await sandbox.price({ amount: 3000, lookupKey: 'basic' })).id;
    pro = (await sandbox.price({ amount: 9000, lookupKey: 'pro' })).id;
    yearly = (await sandbox.price({ amount: 30_000, lookupKey: 'basic_year', interval: 'year' })).id;
    subscription = await found((await sandbox.subscriber({ price: basic })).subscription.id);
  });
  afterEach(() => world.sandbox.stop());

  const found = (id = subscription.id): Promise<Stripe.Subscription> =>
    world.stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] });
  const update = (params: Stripe.SubscriptionUpdateParams): Promise<Stripe.Subscription> =>
    world.stripe.subscriptions.update(subscription.id, { ...params, expand: ['latest_invoice'] });
  const itemTo = (price: string): Stripe.SubscriptionUpdateParams.Item[] => [
    { id: subscription.items.data[0]!.id, price },
  ];
  const customer = (): string => subscription.customer as string;
  const upgrade = {
    proration_behavior: 'always_invoice',
    payment_behavior: 'pending_if_incomplete',
  } as const;

  describe('of the plan', () => {
    it('are prorated to the second, and paid at once', async () => {
      await world.sandbox.clock.advance({ days: 10, seconds: 1 });
      const changed = await update({ items: itemTo(pro), ...upgrade });
      const invoice = changed.latest_invoice as Stripe.Invoice;
      // 19 days 23:59:59 of 30 days are left: 2591999 - 864000 seconds of 2592000.
      expect(invoice.lines.data.map(({ amount }) => amount)).toEqual([
        -Math.round((3000 * 1_727_999) / 2_592_000),
        Math.round((9000 * 1_727_999) / 2_592_000),
      ]);
      expect(invoice).toMatchObject({ status: 'paid', billing_reason: 'subscription_update', amount_paid: 4000 });
      expect(changed.items.data).toHaveLength(1);
      expect(changed.items.data[0]).toMatchObject({
        id: subscription.items.data[0]!.id,
        price: { id: pro },
        current_period_end: subscription.items.data[0]!.current_period_end,
      });
      expect(typesOf(world.sandbox)).not.toContain('customer.subscription.pending_update_applied');
    });

    it('cost what the preview said, if the date is the same', async () => {
      const { sandbox, stripe } = world;
      await sandbox.clock.advance({ days: 3 });
      const date = seconds('2026-04-04T00:00:00Z');
      const preview = await stripe.invoices.createPreview({
        customer: customer(),
        subscription: subscription.id,
        subscription_details: { items: itemTo(pro), proration_behavior: 'always_invoice', proration_date: date },
      });
      expect((await found()).items.data[0]!.price.id).toBe(basic);
      await sandbox.clock.advance({ hours: 2 });
      const changed = await update({ items: itemTo(pro), ...upgrade, proration_date: date });
      expect((changed.latest_invoice as Stripe.Invoice).total).toBe(preview.total);
      expect(preview.total).toBe(5400);
    });

    it('wait where the card declines, and happen once it is paid', async () => {
      const { sandbox, stripe } = world;
      await sandbox.act.setCard({ customer: customer(), card: 'declines' });
      const pending = await update({ items: itemTo(pro), ...upgrade });
      expect(pending).toMatchObject({
        status: 'active',
        items: { data: [{ price: { id: basic } }] },
        pending_update: { expires_at: seconds('2026-04-01T23:00:00Z'), subscription_items: [{ price: { id: pro } }] },
        latest_invoice: { status: 'open', next_payment_attempt: null },
      });
      await sandbox.act.setCard({ customer: customer(), card: 'works' });
      await stripe.invoices.pay((pending.latest_invoice as Stripe.Invoice).id);
      expect(await found()).toMatchObject({ items: { data: [{ price: { id: pro } }] }, pending_update: null });
      expect(typesOf(sandbox)).toContain('customer.subscription.pending_update_applied');
    });

    describe('on trial, ending it', () => {
      const ends = { ...upgrade, trial_end: 'now' } as const;
      const trialing = async (trialDays: number) => {
        const { customer: id } = await world.sandbox.subscriber({ price: basic, trialDays });
        subscription = await found(world.sandbox.liveSubscriptionsOf(id.id)[0]!.id);
      };

      it('bill the new plan whole, from a new anchor', async () => {
        await trialing(14);
        await world.sandbox.clock.advance({ days: 3 });
        const changed = await update({ items: itemTo(pro), ...ends });
        const now = seconds('2026-04-04T00:00:00Z');
        expect(changed).toMatchObject({
          status: 'active',
          billing_cycle_anchor: now,
          trial_end: now,
          items: { data: [{ price: { id: pro }, current_period_start: now }] },
          latest_invoice: { status: 'paid', amount_paid: 9000, lines: { data: [{ amount: 9000 }] } },
        });
      });

      it('leave it where the card declines, and end it once it is paid', async () => {
        const { sandbox, stripe } = world;
        await trialing(14);
        await sandbox.act.setCard({ customer: customer(), card: 'declines' });
        const pending = await update({ items: itemTo(pro), ...ends });
        const now = seconds('2026-04-01T00:00:00Z');
        expect(pending).toMatchObject({
          status: 'trialing',
          trial_end: subscription.trial_end,
          items: { data: [{ price: { id: basic } }] },
          pending_update: { trial_end: now, billing_cycle_anchor: now, expires_at: seconds('2026-04-01T23:00:00Z') },
        });
        await sandbox.act.setCard({ customer: customer(), card: 'works' });
        await stripe.invoices.pay((pending.latest_invoice as Stripe.Invoice).id);
        expect(await found()).toMatchObject({ status: 'active', trial_end: now, pending_update: null });
      });

      it('are forgotten with the trial, if that ends within 23 hours', async () => {
        await trialing(1);
        await world.sandbox.clock.advance({ hours: 12 });
        await world.sandbox.act.setCard({ customer: customer(), card: 'declines' });
        const pending = await update({ items: itemTo(pro), ...ends });
        expect(pending.pending_update).toMatchObject({ expires_at: subscription.trial_end });
      });
    });

    it('are forgotten when nobody pays within 23 hours', async () => {
      const { sandbox } = world;
      await sandbox.act.setCard({ customer: customer(), card: 'declines' });
      await update({ items: itemTo(pro), ...upgrade });
      await sandbox.clock.advance({ hours: 23 });
      expect(await found()).toMatchObject({
        items: { data: [{ price: { id: basic } }] },
        pending_update: null,
        latest_invoice: { status: 'void' },
      });
      expect(typesOf(sandbox)).toContain('customer.subscription.pending_update_expired');
    });

    it('that wait for a payment take nothing else along', async () => {
      expect(await refusalOf(update({ items: itemTo(pro), ...upgrade, description: 'Pro' }))).toMatchObject({
        statusCode: 400,
        param: 'description',
      });
    });

    it('add a second item where the first is not named', async () => {
      const changed = await update({ items: [{ price: pro }], proration_behavior: 'none' });
      expect(changed.items.data.map(({ price }) => price.id)).toEqual([basic, pro]);
    });

    it('are charged with the next invoice unless told otherwise', async () => {
      const { sandbox } = world;
      await sandbox.clock.advance({ days: 15 });
      await update({ items: itemTo(pro) });
      expect(sandbox.invoices).toHaveLength(1);
      await sandbox.clock.advanceTo('2026-05-01T01:00:00Z');
      expect(sandbox.invoices[1]).toMatchObject({ amount_paid: -1500 + 4500 + 9000, status: 'paid' });
    });

    it('to a cheaper one give credit, which the next invoice takes', async () => {
      const { sandbox, stripe } = world;
      await update({ items: itemTo(pro), ...upgrade });
      await sandbox.clock.advance({ days: 15 });
      await update({ items: itemTo(basic), proration_behavior: 'always_invoice' });
      expect(await stripe.customers.retrieve(customer())).toMatchObject({ balance: -3000 });
      await sandbox.clock.advanceTo('2026-05-01T01:00:00Z');
      expect(sandbox.invoices.at(-1)).toMatchObject({
        total: 3000,
        amount_due: 0,
        starting_balance: -3000,
        ending_balance: 0,
      });
    });

    it('to another interval begin a new cycle at once', async () => {
      await world.sandbox.clock.advance({ days: 15 });
      const changed = await update({ items: itemTo(yearly), ...upgrade });
      expect(changed.billing_cycle_anchor).toBe(seconds('2026-04-16T00:00:00Z'));
      expect(changed.items.data[0]).toMatchObject({ current_period_end: seconds('2027-04-16T00:00:00Z') });
      expect(changed.latest_invoice).toMatchObject({ amount_paid: 30_000 - 1500 });
    });

    it('fail altogether where that was asked for', async () => {
      await world.sandbox.act.setCard({ customer: customer(), card: 'declines' });
      const asked = update({
        items: itemTo(pro),
        proration_behavior: 'always_invoice',
        payment_behavior: 'error_if_incomplete',
      });
      expect(await refusalOf(asked)).toMatchObject({ statusCode: 402, code: 'card_declined' });
      expect((await found()).items.data[0]!.price.id).toBe(basic);
    });
  });

  describe('to end', () => {
    it('by the API show the flag and the date', async () => {
      expect(await update({ cancel_at_period_end: true })).toMatchObject({
        cancel_at_period_end: true,
        cancel_at: seconds('2026-05-01T00:00:00Z'),
        status: 'active',
      });
      expect(await update({ cancel_at_period_end: false })).toMatchObject({ cancel_at: null, canceled_at: null });
    });

    it('in the portal show only the date, which the flag does not take back', async () => {
      const { sandbox } = world;
      await sandbox.act.portalCancel({ customer: customer() });
      const planned = { cancel_at_period_end: false, cancel_at: seconds('2026-05-01T00:00:00Z') };
      expect(await found()).toMatchObject(planned);
      expect(await update({ cancel_at_period_end: false })).toMatchObject(planned);
      expect(await update({ cancel_at: '' })).toMatchObject({ cancel_at: null });
      await sandbox.act.portalCancel({ customer: customer() });
      await sandbox.act.portalUndoCancel({ customer: customer() });
      expect(await found()).toMatchObject({ cancel_at: null });
    });

    it('happen when the period is over, and nothing is billed', async () => {
      const { sandbox } = world;
      expect(await update({ cancel_at: 'min_period_end' })).toMatchObject({
        cancel_at: seconds('2026-05-01T00:00:00Z'),
      });
      const before = sandbox.events.length;
      await sandbox.clock.advance({ days: 40 });
      expect(typesOf(sandbox, before)).toEqual(['customer.subscription.deleted']);
      expect(await found()).toMatchObject({ status: 'canceled', ended_at: seconds('2026-05-01T00:00:00Z') });
      expect(await refusalOf(update({ cancel_at: '' }))).toMatchObject({ statusCode: 400 });
    });

    it('at once settle what is left', async () => {
      const { sandbox, stripe } = world;
      await sandbox.clock.advance({ days: 15 });
      await stripe.subscriptions.cancel(subscription.id, { invoice_now: true, prorate: true });
      expect(sandbox.invoices.at(-1)).toMatchObject({ total: -1500, status: 'paid' });
      expect(await stripe.customers.retrieve(customer())).toMatchObject({ balance: -1500 });
    });
  });

  describe('by a schedule', () => {
    const downgrade = async (): Promise<string> => {
      const { stripe } = world;
      await update({ items: itemTo(pro), ...upgrade });
      const { id, phases } = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
      const [phase] = phases;
      await stripe.subscriptionSchedules.update(id, {
        end_behavior: 'release',
        phases: [
          { items: [{ price: pro, quantity: 1 }], start_date: phase!.start_date, end_date: phase!.end_date },
          { items: [{ price: basic, quantity: 1 }], proration_behavior: 'none' },
        ],
      });
      return id;
    };

    it('happen when the period ends; the schedule lets go after that', async () => {
      const id = await downgrade();
      const { sandbox, stripe } = world;
      expect(await found()).toMatchObject({ schedule: id, items: { data: [{ price: { id: pro } }] } });
      await sandbox.clock.advanceTo('2026-05-01T01:00:00Z');
      const after = await found();
      expect(after.items.data[0]).toMatchObject({
        price: { id: basic },
        current_period_end: seconds('2026-06-01T00:00:00Z'),
      });
      expect(after.latest_invoice).toMatchObject({ amount_paid: 3000, billing_reason: 'subscription_cycle' });
      await sandbox.clock.advanceTo('2026-06-01T01:00:00Z');
      expect((await found()).schedule).toBeNull();
      expect((await stripe.subscriptionSchedules.retrieve(id)).status).toBe('released');
    });

    it('can be taken back by releasing it', async () => {
      const id = await downgrade();
      const { sandbox, stripe } = world;
      await stripe.subscriptionSchedules.release(id);
      expect((await found()).schedule).toBeNull();
      await sandbox.clock.advanceTo('2026-05-01T01:00:00Z');
      expect((await found()).items.data[0]!.price.id).toBe(pro);
      expect(await refusalOf(stripe.subscriptionSchedules.release(id))).toMatchObject({ statusCode: 400 });
    });

    it('forbid to plan the end, to pause, or to schedule again', async () => {
      await downgrade();
      const { stripe } = world;
      expect(await refusalOf(update({ cancel_at_period_end: true }))).toMatchObject({ statusCode: 400 });
      expect(await refusalOf(stripe.subscriptions.pause(subscription.id))).toMatchObject({ statusCode: 400 });
      const again = stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
      expect(await refusalOf(again)).toMatchObject({ statusCode: 400 });
    });

    it('come all the same after a direct edit', async () => {
      const id = await downgrade();
      const { sandbox, stripe } = world;
      const quarter = (await sandbox.price({ amount: 12_000, lookupKey: 'max' })).id;
      await update({ items: itemTo(quarter), proration_behavior: 'none' });
      const schedule = await stripe.subscriptionSchedules.retrieve(id);
      expect(schedule.phases.map((phase) => phase.items[0]!.price)).toEqual([quarter, basic]);
      await sandbox.clock.advanceTo('2026-05-01T01:00:00Z');
      expect((await found()).items.data[0]!.price.id).toBe(basic);
    });

    it('end with the subscription', async () => {
      const id = await downgrade();
      const { stripe } = world;
      await stripe.subscriptions.cancel(subscription.id);
      expect((await stripe.subscriptionSchedules.retrieve(id)).status).toBe('canceled');
    });

    it('need the beginning of the phase that runs', async () => {
      const { stripe } = world;
      const { id } = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
      const phases = [{ items: [{ price: basic }], end_date: seconds('2026-05-01T00:00:00Z') }];
      expect(await refusalOf(stripe.subscriptionSchedules.update(id, { phases }))).toMatchObject({
        param: 'phases[0][start_date]',
      });
    });
  });

  describe('by people', () => {
    it('pause and resume', async () => {
      const { sandbox, stripe } = world;
      await sandbox.clock.advance({ days: 15 });
      await stripe.subscriptions.pause(subscription.id);
      expect(await found()).toMatchObject({
        status: 'paused',
        status_details: { paused: { type: 'subscription', subscription: { type: 'pause_requested' } } },
      });
      await sandbox.clock.advance({ days: 30 });
      expect(sandbox.invoices).toHaveLength(1);
      await stripe.subscriptions.resume(subscription.id);
      const resumed = await found();
      expect(resumed).toMatchObject({ status: 'active', latest_invoice: { amount_paid: 3000 - 1500 } });
      expect(resumed.items.data[0]!.current_period_start).toBe(seconds('2026-05-16T00:00:00Z'));
      expect(typesOf(sandbox)).toEqual(
        expect.arrayContaining(['customer.subscription.paused', 'customer.subscription.resumed']),
      );
    });

    it('stay paused until the resuming invoice is paid, where that is wanted', async () => {
      const { sandbox, stripe } = world;
      await stripe.subscriptions.pause(subscription.id, { bill_for: { unused_time_from: { type: 'none' } } });
      await sandbox.act.setCard({ customer: customer(), card: 'declines' });
      await stripe.subscriptions.resume(subscription.id, { payment_behavior: 'resume_on_payment_success' });
      expect((await found()).status).toBe('paused');
      await sandbox.act.payInvoice({ invoice: sandbox.invoices.at(-1)!.id });
      expect((await found()).status).toBe('active');
    });

    it('switch in the portal, at once or when the period ends, as it is configured', async () => {
      const { sandbox, stripe } = world;
      await stripe.billingPortal.configurations.create({
        features: {
          subscription_update: {
            enabled: true,
            default_allowed_updates: ['price'],
            proration_behavior: 'always_invoice',
            schedule_at_period_end: { conditions: [{ type: 'decreasing_item_amount' }] },
          },
        },
      });
      await sandbox.act.portalSwitchPlan({ customer: customer(), price: pro });
      expect((await found()).items.data[0]!.price.id).toBe(pro);
      await sandbox.act.portalSwitchPlan({ customer: customer(), price: basic });
      const scheduled = await found();
      expect(scheduled.items.data[0]!.price.id).toBe(pro);
      expect(scheduled.schedule).not.toBeNull();
      await sandbox.clock.advanceTo('2026-05-01T01:00:00Z');
      expect((await found()).items.data[0]!.price.id).toBe(basic);
    });

    it('bring another card', async () => {
      const { sandbox } = world;
      const method = await sandbox.act.portalUpdatePaymentMethod({ customer: customer() });
      expect(await found()).toMatchObject({ default_payment_method: method.id });
    });

    it('do anything in the dashboard', async () => {
      const { sandbox, stripe } = world;
      const second = await sandbox.act.dashboardAddSubscription({ customer: customer(), price: pro });
      expect(sandbox.liveSubscriptionsOf(customer())).toHaveLength(2);
      await expect(sandbox.act.portalCancel({ customer: customer() })).rejects.toThrow(/2 live/);
      await sandbox.act.dashboardCancelNow({ subscription: second.id });
      await sandbox.act.dashboardChangePrice({ subscription: subscription.id, price: pro });
      expect((await found()).items.data[0]!.price.id).toBe(pro);
      expect(await sandbox.act.dashboardCancelAtPeriodEnd({ subscription: subscription.id })).toMatchObject({
        cancel_at_period_end: true,
      });
      await sandbox.act.dashboardDeleteCustomer({ customer: customer() });
      expect(await found()).toMatchObject({ status: 'canceled' });
      expect(await stripe.customers.retrieve(customer())).toEqual({
        id: customer(),
        object: 'customer',
        deleted: true,
      });
      expect(typesOf(sandbox).slice(-2)).toEqual(['customer.subscription.deleted', 'customer.deleted']);
    });

    it('look after it on the portal page', async () => {
      const { sandbox, stripe } = world;
      expect(await refusalOf(stripe.billingPortal.sessions.create({ customer: customer() }))).toMatchObject({
        statusCode: 400,
      });
      await sandbox.act.dashboardSavePortal();
      const session = await stripe.billingPortal.sessions.create({
        customer: customer(),
        return_url: 'https://example.com/account',
      });
      const post = (fields: Record<string, string>): Promise<Response> =>
        fetch(session.url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
      expect(await (await fetch(session.url)).text()).toContain('basic: active');
      expect(await (await post({ action: 'cancel' })).text()).toContain('ends 2026-05-01');
      await post({ action: 'undo' });
      await post({ action: 'switch', price: pro });
      expect(await found()).toMatchObject({ cancel_at: null, items: { data: [{ price: { id: pro } }] } });
      expect((await post({ action: 'return' })).headers.get('location')).toBe('https://example.com/account');
    });
  });
});

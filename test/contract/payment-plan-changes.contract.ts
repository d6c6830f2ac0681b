import { randomUUID } from 'node:crypto';
import type { PaymentSubscription } from '../../src/modules/billing/domain/payment-subscription';
import {
  type Abilities,
  BASIC,
  BASIC_YEARLY,
  BUSINESS,
  ENTERPRISE,
  newChange,
  type PaymentSide,
  useShop,
} from './payment-side';

/** How a subscription changes, and how it ends. */
export function describePlanChanges(make: () => Promise<PaymentSide>, abilities: Abilities): void {
  describe('changing at once', () => {
    const shop = useShop(make);
    const priceOf = (plan = BUSINESS) => shop().gateway.offer(plan);

    it('holds as soon as the difference is paid, inside the running period', async () => {
      const before = await shop().subscriber();
      expect(await shop().gateway.changeNow(newChange(before, await priceOf()))).toBe(true);
      const after = await shop().now(before);
      expect(after).toEqual({ ...before, items: [{ ...before.items[0]!, priceId: await priceOf() }] });
      expect(await shop().side.payments(before.customerId)).toBe(2);
    });

    it('charges once for the same operation, also at the same time', async () => {
      const before = await shop().subscriber();
      const change = newChange(before, await priceOf());
      const ask = () => shop().gateway.changeNow(change);
      expect(await Promise.all([ask(), ask(), ask()])).toEqual([true, true, true]);
      expect(await ask()).toBe(true);
      expect(await shop().side.payments(before.customerId)).toBe(2);
    });

    it('begins another period when the interval changes', async () => {
      const before = await shop().subscriber();
      expect(await shop().gateway.changeNow(newChange(before, await priceOf(BASIC_YEARLY)))).toBe(true);
      const [item] = (await shop().now(before)).items;
      expect(item!.priceId).toBe(await priceOf(BASIC_YEARLY));
      expect(item!.period.end.getTime()).toBeGreaterThan(before.items[0]!.period.end.getTime());
    });

    it('ends a trial: a whole period is paid for, and begins', async () => {
      const before = await shop().subscriber(BASIC, 14);
      const change = newChange(before, await priceOf());
      expect(await shop().gateway.changeNow(change)).toBe(true);
      expect(await shop().gateway.changeNow(change)).toBe(true);
      const after = await shop().now(before);
      expect(after).toMatchObject({ rawStatus: 'active', items: [{ priceId: await priceOf() }] });
      expect(after.items[0]!.period.start.getTime()).toBeGreaterThanOrEqual(before.items[0]!.period.start.getTime());
      expect(after.items[0]!.period.end.getTime()).toBeGreaterThan(before.items[0]!.period.end.getTime());
      expect(await shop().side.payments(before.customerId)).toBe(1);
      await shop().side.endPeriod(before.id);
      expect(await shop().side.payments(before.customerId)).toBe(2);
    });

    const refusingCards = abilities.confirmation ? (['declines', 'requires-action'] as const) : (['declines'] as const);
    const unpaidChanges = refusingCards.flatMap((card) => [
      { card, from: 'a trial', trialDays: 14, payments: 1 },
      { card, from: 'a paid month', trialDays: 0, payments: 2 },
    ]);
    it.each(unpaidChanges)(
      'leaves $from as it is until the money is in when the card $card, and holds then',
      async ({ card, trialDays, payments }) => {
        const before = await shop().subscriber(BASIC, trialDays);
        await shop().side.setCard(before.customerId, card);
        const change = newChange(before, await priceOf());
        expect(await shop().gateway.changeNow(change)).toBe(false);
        expect(await shop().gateway.changeNow(change)).toBe(false);
        expect(await shop().now(before)).toEqual({ ...before, hasOpenChange: true });
        await shop().side.setCard(before.customerId, 'works');
        await shop().side.payWhatIsOpen(before.customerId);
        expect(await shop().now(before)).toMatchObject({ rawStatus: 'active', items: [{ priceId: await priceOf() }] });
        expect(await shop().gateway.changeNow(change)).toBe(true);
        expect(await shop().side.payments(before.customerId)).toBe(payments);
      },
    );

    it('that nobody pays for is forgotten when the trial ends, which then costs what it was for', async () => {
      const before = await shop().subscriber(BASIC, 14);
      await shop().side.setCard(before.customerId, 'declines');
      expect(await shop().gateway.changeNow(newChange(before, await priceOf()))).toBe(false);
      await shop().side.setCard(before.customerId, 'works');
      await shop().side.endPeriod(before.id);
      expect(await shop().now(before)).toMatchObject({
        rawStatus: 'active',
        items: [before.items[0]!.priceId].map((priceId) => ({ priceId })),
      });
      expect(await shop().side.payments(before.customerId)).toBe(1);
    });

    it('may be tried again after the card was declined', async () => {
      const before = await shop().subscriber();
      await shop().side.setCard(before.customerId, 'declines');
      expect(await shop().gateway.changeNow(newChange(before, await priceOf()))).toBe(false);
      await shop().side.setCard(before.customerId, 'works');
      expect(await shop().gateway.changeNow(newChange(before, await priceOf()))).toBe(true);
      expect(await shop().side.payments(before.customerId)).toBe(2);
    });

    it('takes back a cancellation and a change that was to come', async () => {
      const [canceled, lowered] = [await shop().subscriber(), await shop().subscriber(BUSINESS)];
      await shop().gateway.cancelAtPeriodEnd(randomUUID(), canceled.id, true);
      await shop().gateway.changeAtPeriodEnd(newChange(lowered, await priceOf(BASIC)));
      const price = await priceOf(ENTERPRISE);
      expect(await shop().gateway.changeNow(newChange(canceled, price))).toBe(true);
      expect(await shop().gateway.changeNow(newChange(lowered, price))).toBe(true);
      const plain = { nextPriceId: null, endsAt: null, freeFollows: false, items: [{ priceId: price }] };
      expect(await shop().now(canceled)).toMatchObject(plain);
      expect(await shop().now(lowered)).toMatchObject(plain);
    });

    it('keeps a cancellation while it is not paid: nobody is charged again who wanted to leave', async () => {
      const before = await shop().subscriber();
      await shop().gateway.cancelAtPeriodEnd(randomUUID(), before.id, true);
      await shop().side.setCard(before.customerId, 'declines');
      expect(await shop().gateway.changeNow(newChange(before, await priceOf()))).toBe(false);
      expect(await shop().now(before)).toMatchObject({ endsAt: before.items[0]!.period.end, freeFollows: true });
    });
  });

  describe('changing at the end of the period', () => {
    const shop = useShop(make);
    const priceOf = (plan = BASIC) => shop().gateway.offer(plan);

    it('is announced, costs nothing now, and then holds', async () => {
      const before = await shop().subscriber(BUSINESS);
      await shop().gateway.changeAtPeriodEnd(newChange(before, await priceOf()));
      expect(await shop().now(before)).toEqual({ ...before, nextPriceId: await priceOf() });
      expect(await shop().side.payments(before.customerId)).toBe(1);
      await shop().side.endPeriod(before.id);
      const after = await shop().now(before);
      expect(after).toMatchObject({ rawStatus: 'active', nextPriceId: null, items: [{ priceId: await priceOf() }] });
      expect(after.items[0]!.period.start).toEqual(before.items[0]!.period.end);
      await shop().side.endPeriod(before.id);
      expect(await shop().now(before)).toMatchObject({ rawStatus: 'active', items: [{ priceId: await priceOf() }] });
    });

    it('changes nothing further for the same operation, also at the same time', async () => {
      const before = await shop().subscriber(BUSINESS);
      const change = newChange(before, await priceOf());
      const ask = () => shop().gateway.changeAtPeriodEnd(change);
      await Promise.all([ask(), ask()]);
      await ask();
      expect(await shop().now(before)).toEqual({ ...before, nextPriceId: await priceOf() });
    });

    it('comes instead of another change that was to come', async () => {
      const before = await shop().subscriber(ENTERPRISE);
      await shop().gateway.changeAtPeriodEnd(newChange(before, await priceOf(BASIC)));
      await shop().gateway.changeAtPeriodEnd(newChange(before, await priceOf(BUSINESS)));
      expect(await shop().now(before)).toMatchObject({ nextPriceId: await priceOf(BUSINESS) });
      await shop().side.endPeriod(before.id);
      expect(await shop().now(before)).toMatchObject({ items: [{ priceId: await priceOf(BUSINESS) }] });
      await shop().gateway.changeAtPeriodEnd(newChange(before, await priceOf(BASIC)));
      expect(await shop().now(before)).toMatchObject({ nextPriceId: await priceOf(BASIC) });
    });

    it('takes back a cancellation, and is taken back by one', async () => {
      const before = await shop().subscriber(BUSINESS);
      await shop().gateway.cancelAtPeriodEnd(randomUUID(), before.id, true);
      await shop().gateway.changeAtPeriodEnd(newChange(before, await priceOf()));
      expect(await shop().now(before)).toEqual({ ...before, nextPriceId: await priceOf() });
      await shop().gateway.cancelAtPeriodEnd(randomUUID(), before.id, false);
      expect(await shop().now(before)).toEqual({ ...before, endsAt: before.items[0]!.period.end });
    });

    it('comes when a trial is over, and costs nothing before', async () => {
      const before = await shop().subscriber(BUSINESS, 14);
      await shop().gateway.changeAtPeriodEnd(newChange(before, await priceOf()));
      expect(await shop().now(before)).toEqual({ ...before, nextPriceId: await priceOf() });
      await shop().side.endPeriod(before.id);
      expect(await shop().now(before)).toMatchObject({ rawStatus: 'active', items: [{ priceId: await priceOf() }] });
      expect(await shop().side.payments(before.customerId)).toBe(1);
    });

    it('is taken back by going on', async () => {
      const before = await shop().subscriber(BUSINESS);
      await shop().gateway.changeAtPeriodEnd(newChange(before, await priceOf()));
      await shop().gateway.goOn(randomUUID(), before.id);
      expect(await shop().now(before)).toEqual(before);
      await shop().side.endPeriod(before.id);
      expect(await shop().now(before)).toMatchObject({ items: [{ priceId: before.items[0]!.priceId }] });
    });
  });

  describe('ending', () => {
    const shop = useShop(make);
    const endOf = (subscription: PaymentSubscription) => subscription.items[0]!.period.end;

    it.each([true, false])('comes with the end of the period, with a note of what follows (free: %s)', async (free) => {
      const before = await shop().subscriber();
      const operationId = randomUUID();
      const cancel = () => shop().gateway.cancelAtPeriodEnd(operationId, before.id, free);
      await Promise.all([cancel(), cancel()]);
      await cancel();
      expect(await shop().now(before)).toEqual({ ...before, endsAt: endOf(before), freeFollows: free });
      await shop().side.endPeriod(before.id);
      expect(await shop().now(before)).toMatchObject({
        rawStatus: 'canceled',
        endsAt: endOf(before),
        endReason: 'requested',
        freeFollows: free,
      });
      expect(await shop().side.payments(before.customerId)).toBe(1);
    });

    it('keeps the note that was written last', async () => {
      const before = await shop().subscriber();
      await shop().gateway.cancelAtPeriodEnd(randomUUID(), before.id, true);
      await shop().gateway.cancelAtPeriodEnd(randomUUID(), before.id, false);
      expect(await shop().now(before)).toMatchObject({ endsAt: endOf(before), freeFollows: false });
    });

    it('is taken back by going on, however often', async () => {
      const before = await shop().subscriber();
      await shop().gateway.goOn(randomUUID(), before.id);
      expect(await shop().now(before)).toEqual(before);
      await shop().gateway.cancelAtPeriodEnd(randomUUID(), before.id, true);
      const operationId = randomUUID();
      const goOn = () => shop().gateway.goOn(operationId, before.id);
      await Promise.all([goOn(), goOn()]);
      await goOn();
      expect(await shop().now(before)).toEqual(before);
      await shop().side.endPeriod(before.id);
      expect(await shop().now(before)).toMatchObject({ rawStatus: 'active' });
    });

    it('comes at once for one that is too many, however often it is asked for', async () => {
      const before = await shop().subscriber();
      await Promise.all([shop().gateway.cancelNow(before.id), shop().gateway.cancelNow(before.id)]);
      await shop().gateway.cancelNow(before.id);
      const ended = await shop().now(before);
      expect(ended).toMatchObject({ rawStatus: 'canceled', endReason: 'requested', endsAt: expect.any(Date) });
      expect(ended.endsAt!.getTime()).toBeLessThan(endOf(before).getTime());
    });

    it('comes at once also where another change was to come', async () => {
      const before = await shop().subscriber(BUSINESS);
      await shop().gateway.changeAtPeriodEnd(newChange(before, await shop().gateway.offer(BASIC)));
      await shop().gateway.cancelNow(before.id);
      expect(await shop().now(before)).toMatchObject({ rawStatus: 'canceled', nextPriceId: null });
    });
  });
}

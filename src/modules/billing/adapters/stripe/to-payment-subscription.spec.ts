import type Stripe from 'stripe';
import {
  CREATED,
  END,
  LATER,
  START,
  stripeItem,
  stripePhase,
  stripeSchedule,
  stripeSubscription,
} from './stripe.fixtures';
import { toPaymentSubscription } from './to-payment-subscription';

const at = (seconds: number) => new Date(seconds * 1_000);
const translate = (parts: Partial<Stripe.Subscription> = {}, items = [stripeItem()]) =>
  toPaymentSubscription(stripeSubscription(parts), { items, method: undefined, owedSince: null });
const card = (brand: string) => ({ type: 'card', card: { brand, last4: '4242' } }) as Stripe.PaymentMethod;
const ended = (reason: string | null) =>
  translate({
    status: 'canceled',
    ended_at: LATER,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason },
  });

describe('toPaymentSubscription', () => {
  it('tells whether a change waits for its payment', () => {
    expect(translate()).not.toHaveProperty('hasOpenChange');
    const pending_update = { expires_at: LATER } as Stripe.Subscription.PendingUpdate;
    expect(translate({ pending_update })).toMatchObject({ hasOpenChange: true });
  });

  it('takes the period from the item, where it is', () => {
    expect(translate()).toEqual({
      id: 'sub_1',
      customerId: 'cus_1',
      userId: null,
      rawStatus: 'active',
      items: [{ priceId: 'price_basic', period: { start: at(START), end: at(END) } }],
      nextPriceId: null,
      createdAt: at(CREATED),
      trialStart: null,
      endsAt: null,
      endReason: null,
      freeFollows: false,
      owedSince: null,
      paymentMethod: null,
    });
  });

  it.each(['active', 'paused', 'a_word_of_next_year'])('keeps the status %s as it is', (status) => {
    expect(translate({ status })).toMatchObject({ rawStatus: status });
  });

  it('ends when only a date is set, as the portal does', () => {
    expect(translate({ cancel_at: LATER })).toMatchObject({ endsAt: at(LATER), endReason: null });
  });

  it('ends when only the flag is set, as the dashboard may', () => {
    expect(translate({ cancel_at_period_end: true })).toMatchObject({ endsAt: at(END) });
    expect(translate({ cancel_at_period_end: true }, [])).toMatchObject({ endsAt: null });
  });

  it('has ended when it ended, whatever was planned', () => {
    expect(translate({ ended_at: START, cancel_at: LATER, cancel_at_period_end: true })).toMatchObject({
      endsAt: at(START),
    });
  });

  it.each([
    ['cancellation_requested', 'requested'],
    ['payment_failed', 'payment-failed'],
    ['payment_disputed', 'disputed'],
    ['something_new', null],
    [null, null],
  ])('ended because of %s: %s', (reason, ours) => {
    expect(ended(reason).endReason).toBe(ours);
  });

  it('gives no reason while it only is to end', () => {
    const cancellation_details = { ...stripeSubscription().cancellation_details!, reason: 'cancellation_requested' };
    expect(translate({ cancel_at: LATER, cancellation_details })).toMatchObject({ endReason: null });
  });

  it.each([
    [{ user_id: '6F9619FF-8B86-4011-B42D-00C04FC964FF' }, '6f9619ff-8b86-4011-b42d-00c04fc964ff'],
    [{ user_id: 'written by hand' }, null],
    [{}, null],
  ])('belongs to the user of its notes %j', (metadata, userId) => {
    expect(translate({ metadata })).toMatchObject({ userId });
  });

  it.each([
    [{ free_follows: 'true' }, true],
    [{ free_follows: '' }, false],
    [{ free_follows: 'false' }, false],
  ])('knows from its notes %j what follows', (metadata, freeFollows) => {
    expect(translate({ metadata })).toMatchObject({ freeFollows });
  });

  it('knows its customer when that was deleted', () => {
    const customer = { id: 'cus_2', object: 'customer', deleted: true } as Stripe.DeletedCustomer;
    expect(translate({ customer })).toMatchObject({ customerId: 'cus_2' });
  });

  it.each([
    [card('visa'), 'visa 4242'],
    [{ type: 'sepa_debit' } as Stripe.PaymentMethod, 'sepa debit'],
    [undefined, null],
  ])('names how it is paid (%#)', (method, paymentMethod) => {
    const besides = { items: [], method, owedSince: null };
    expect(toPaymentSubscription(stripeSubscription(), besides)).toMatchObject({ paymentMethod });
  });

  describe('with a schedule', () => {
    const now = stripePhase('price_basic', [START, END]);
    const next = stripePhase('price_next', [END, LATER]);

    it('is followed by the price of the phase after the one under way', () => {
      expect(translate({ schedule: stripeSchedule([now, next]) })).toMatchObject({ nextPriceId: 'price_next' });
    });

    it('is followed by nothing once that phase is under way', () => {
      const schedule = stripeSchedule([now, next], next);
      expect(translate({ schedule }, [stripeItem('price_next')])).toMatchObject({ nextPriceId: null });
    });

    it.each<[string, Partial<Stripe.Subscription>]>([
      [
        'the next phase has the same price',
        { schedule: stripeSchedule([now, stripePhase('price_basic', [END, LATER])]) },
      ],
      ['there is only one phase', { schedule: stripeSchedule([now]) }],
      ['it has ended', { schedule: stripeSchedule([now, next]), ended_at: START }],
      ['the schedule was not read', { schedule: 'sub_sched_1' }],
    ])('is followed by the same again when %s', (_name, parts) => {
      expect(translate(parts)).toMatchObject({ nextPriceId: null });
    });
  });
});

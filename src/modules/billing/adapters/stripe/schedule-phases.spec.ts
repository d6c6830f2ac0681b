import type Stripe from 'stripe';
import { phasesAgain, phasesTowards } from './schedule-phases';
import { END, LATER, START, stripePhase, stripeSchedule } from './stripe.fixtures';

const yearly = { id: 'price_next', recurring: { interval: 'year', interval_count: 1 } } as Stripe.Price;
const current = stripePhase('price_now', [START, END]);

describe('phasesTowards', () => {
  it('leaves the phase under way as it is, and then sells the new price for one interval', () => {
    expect(phasesTowards(stripeSchedule([current]), yearly)).toEqual([
      {
        start_date: START,
        end_date: END,
        proration_behavior: 'create_prorations',
        items: [{ price: 'price_now', quantity: 1 }],
      },
      {
        items: [{ price: 'price_next', quantity: 1 }],
        duration: { interval: 'year', interval_count: 1 },
        proration_behavior: 'none',
      },
    ]);
  });

  it('drops what was over and what was to come otherwise', () => {
    const over = stripePhase('price_over', [START - 100, START]);
    const other = stripePhase('price_other', [END, LATER]);
    const phases = phasesTowards(stripeSchedule([over, current, other], current), yearly);
    expect(phases.map(({ items }) => items[0]!.price)).toEqual(['price_now', 'price_next']);
  });

  it('keeps what else is sold, in its place', () => {
    const both = stripePhase('price_addon', [START, END]);
    both.items.push({ ...both.items[0]!, price: 'price_now', quantity: 1 });
    both.items[0]!.quantity = 3;
    const itemsTowards = (replaced?: string) => phasesTowards(stripeSchedule([both]), yearly, replaced)[1]!.items;
    const next = { price: 'price_next', quantity: 1 };
    expect(itemsTowards('price_now')).toEqual([{ price: 'price_addon', quantity: 3 }, next]);
    expect(itemsTowards('price_unknown')).toEqual([next, { price: 'price_now', quantity: 1 }]);
  });

  it('loses nothing of the phase under way, and keeps discounts beyond it', () => {
    const discount = { coupon: 'ten_percent', discount: null, promotion_code: null };
    const rich = stripePhase('price_now', [START, END], {
      discounts: [discount, { coupon: null, discount: 'di_1', promotion_code: null }],
      metadata: { note: 'kept' },
      trial_end: END,
      default_payment_method: { id: 'pm_1' } as Stripe.PaymentMethod,
      default_tax_rates: [{ id: 'txr_1' } as Stripe.TaxRate],
    });
    rich.items[0]!.tax_rates = [{ id: 'txr_2' } as Stripe.TaxRate];
    const discounts = [{ coupon: 'ten_percent' }, { discount: 'di_1' }];
    expect(phasesTowards(stripeSchedule([rich]), yearly)).toEqual([
      expect.objectContaining({
        discounts,
        metadata: { note: 'kept' },
        trial_end: END,
        default_payment_method: 'pm_1',
        default_tax_rates: ['txr_1'],
        items: [{ price: 'price_now', quantity: 1, tax_rates: ['txr_2'] }],
      }),
      expect.objectContaining({ discounts }),
    ]);
  });
});

describe('phasesAgain', () => {
  it('brings what was to come, after the phase under way as it is now', () => {
    const over = stripePhase('price_over', [START - 100, START]);
    const next = stripePhase('price_next', [END, LATER]);
    const released = { ...stripeSchedule([over, current, next], current) };
    const fresh = stripeSchedule([stripePhase('price_changed', [START, END])]);
    expect(phasesAgain(released, fresh)).toMatchObject([
      { start_date: START, end_date: END, items: [{ price: 'price_changed' }] },
      { start_date: END, end_date: LATER, items: [{ price: 'price_next' }] },
    ]);
  });
});

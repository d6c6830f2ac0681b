import fc from 'fast-check';
import { type Decision, decideSubscriptions, type PaymentFacts } from './decide-subscriptions';
import { atPaymentSide, day, facts, recorded, TERMS } from './decide-subscriptions.fixtures';
import type { PaymentSubscription } from './payment-subscription';

const decide = (changes: Partial<PaymentFacts>): Decision => decideSubscriptions(facts(changes));
const live = ({ records }: Decision) => records.filter(({ status }) => status !== 'canceled');
const liveIds = (decision: Decision) => live(decision).map(({ paymentId }) => paymentId);

describe('decideSubscriptions', () => {
  it('says nothing of a customer who has nothing', () => {
    expect(decide({})).toEqual({
      isNews: false,
      records: [],
      free: 'stays-as-it-is',
      surplusIds: [],
      hasHadTrial: false,
      alerts: [],
    });
  });

  it('puts a paid one in the place of the free one', () => {
    const decision = decide({ subscriptions: [atPaymentSide()], unpaidSince: day(1) });
    expect(decision).toMatchObject({ records: [recorded()], free: 'ends' });
    expect(decide({ subscriptions: [atPaymentSide()] }).free).toBe('stays-as-it-is');
  });

  it('leaves the free one alone while the first payment has not come', () => {
    const subscriptions = [atPaymentSide({ rawStatus: 'incomplete' })];
    const decision = decide({ subscriptions, unpaidSince: day(1) });
    expect(decision).toMatchObject({ records: [{ status: 'canceled', rawStatus: 'incomplete' }] });
    expect(decision.free).toBe('stays-as-it-is');
  });

  describe('with several', () => {
    const two = (first: string, second: string) => [
      atPaymentSide({ id: 'sub-1', rawStatus: first, createdAt: day(1) }),
      atPaymentSide({ id: 'sub-2', rawStatus: second, createdAt: day(2) }),
    ];

    it.each([
      ['active', 'active', 'sub-1', ['sub-2']],
      ['active', 'trialing', 'sub-1', ['sub-2']],
      ['past_due', 'active', 'sub-2', ['sub-1']],
      ['unpaid', 'past_due', 'sub-2', []],
      ['paused', 'active', 'sub-2', []],
      ['paused', 'unpaid', 'sub-1', []],
      ['canceled', 'active', 'sub-2', []],
      ['active', 'incomplete', 'sub-1', []],
      ['hibernating', 'active', 'sub-2', []],
    ])('of %s and %s keeps one and ends what is paid for beside it', (first, second, kept, surplusIds) => {
      const decision = decide({ subscriptions: two(first, second) });
      expect(liveIds(decision)).toEqual([kept]);
      expect(decision.surplusIds).toEqual(surplusIds);
      expect(decision.records).toHaveLength(2);
    });

    it('tells a person whenever it ends one', () => {
      const { alerts } = decide({ subscriptions: two('active', 'active') });
      expect(alerts).toEqual([expect.stringMatching(/sub-2.*sub-1/)]);
    });

    it('grants nothing by the one that is not the live one', () => {
      const [first, second] = two('active', 'active');
      const owing = { ...second!, endsAt: day(9), nextPriceId: 'price-business', freeFollows: true };
      const [, surplus] = decide({ subscriptions: [first!, owing] }).records;
      expect(surplus).toMatchObject({ status: 'canceled', rawStatus: 'active', grantsUntil: null, nextPlanId: null });
    });

    it('never ends what it does not understand or does not sell', () => {
      const others = [
        atPaymentSide({ id: 'sub-2', rawStatus: 'hibernating' }),
        atPaymentSide({ id: 'sub-3', items: [{ priceId: 'mug', period: { start: day(1), end: day(32) } }] }),
      ];
      const known = recorded({ paymentId: 'sub-2' });
      expect(decide({ subscriptions: [atPaymentSide(), ...others], recorded: [known] }).surplusIds).toEqual([]);
    });

    it('keeps one that nobody understands live while there is no other', () => {
      const subscriptions = [atPaymentSide({ rawStatus: 'hibernating' })];
      expect(liveIds(decide({ subscriptions, recorded: [recorded()] }))).toEqual(['sub-1']);
    });
  });

  describe('when the last one has ended', () => {
    const ended = (changes: Partial<PaymentSubscription> = {}) =>
      atPaymentSide({ rawStatus: 'canceled', endsAt: day(20), endReason: 'requested', ...changes });

    it.each([
      ['payment-failed', false, 'starts'],
      ['disputed', false, 'starts'],
      ['requested', false, 'stays-as-it-is'],
      ['requested', true, 'starts'],
      [null, false, 'stays-as-it-is'],
      [null, true, 'starts'],
    ] as const)('because of %s, free chosen: %s, the free plan %s', (endReason, freeFollows, free) => {
      const subscriptions = [ended({ endReason, freeFollows })];
      expect(decide({ subscriptions, recorded: [recorded()] }).free).toBe(free);
      expect(decide({ subscriptions }).free).toBe(free);
    });

    it('does nothing a second time', () => {
      const subscriptions = [ended({ freeFollows: true })];
      const again = recorded({ status: 'canceled', rawStatus: 'canceled' });
      expect(decide({ subscriptions, recorded: [again] }).free).toBe('stays-as-it-is');
    });

    it('ends the free plan that it had replaced unheard of', () => {
      expect(decide({ subscriptions: [ended()], unpaidSince: day(10) }).free).toBe('ends');
      expect(decide({ subscriptions: [ended({ freeFollows: true })], unpaidSince: day(10) }).free).toBe(
        'stays-as-it-is',
      );
    });

    it('leaves a free plan alone that began later', () => {
      expect(decide({ subscriptions: [ended()], unpaidSince: day(21) }).free).toBe('stays-as-it-is');
    });

    it('counts one that never began for nothing', () => {
      const subscriptions = [ended({ rawStatus: 'incomplete_expired' })];
      expect(decide({ subscriptions, unpaidSince: day(10) }).free).toBe('stays-as-it-is');
    });

    it('goes by the one that ended last', () => {
      const failed = ended({ id: 'sub-2', endsAt: day(22), endReason: 'payment-failed' });
      expect(decide({ subscriptions: [failed, ended()] }).free).toBe('starts');
      expect(decide({ subscriptions: [{ ...failed, endsAt: day(19) }, ended()] }).free).toBe('stays-as-it-is');
    });

    it('ends everything that we had of a customer who is gone', () => {
      const decision = decide({ isDeleted: true, recorded: [recorded()] });
      expect(decision).toMatchObject({ free: 'stays-as-it-is', alerts: [] });
      expect(decision.records).toEqual([recorded({ status: 'canceled', rawStatus: 'canceled', grantsUntil: null })]);
    });
  });

  it('keeps what the payment side does not know any more, and tells', () => {
    const decision = decide({ recorded: [recorded()] });
    expect(decision.records).toEqual([recorded()]);
    expect(decision.alerts).toEqual([expect.stringContaining('sub-1')]);
    const other = atPaymentSide({ id: 'sub-2' });
    expect(liveIds(decide({ recorded: [recorded()], subscriptions: [other] }))).toEqual(['sub-2']);
  });

  it('knows whether there ever was a trial', () => {
    const subscriptions = [
      atPaymentSide({ rawStatus: 'canceled', trialStart: day(1) }),
      atPaymentSide({ id: 'sub-2' }),
    ];
    expect(decide({ subscriptions }).hasHadTrial).toBe(true);
    expect(decide({ subscriptions: [atPaymentSide()] }).hasHadTrial).toBe(false);
  });
});

describe('whatever the payment side has', () => {
  const words = [
    'active',
    'trialing',
    'past_due',
    'unpaid',
    'paused',
    'incomplete',
    'incomplete_expired',
    'canceled',
    'x',
  ];
  const someDay = fc.integer({ min: 1, max: 28 }).map(day);
  const source = (id: string): fc.Arbitrary<PaymentSubscription> =>
    fc.record({
      id: fc.constant(id),
      customerId: fc.constant('customer-1'),
      userId: fc.constant('user-1'),
      rawStatus: fc.constantFrom(...words),
      items: fc
        .constantFrom('price-basic', 'price-business', 'mug')
        .map((priceId) => [{ priceId, period: { start: day(1), end: day(32) } }]),
      nextPriceId: fc.constantFrom(null, 'price-business', 'mug'),
      createdAt: someDay,
      trialStart: fc.option(someDay),
      endsAt: fc.option(someDay),
      endReason: fc.constantFrom(null, 'requested' as const, 'payment-failed' as const, 'disputed' as const),
      freeFollows: fc.boolean(),
      owedSince: fc.option(someDay),
      paymentMethod: fc.constant('visa 4242'),
    });
  const sources = fc
    .integer({ min: 0, max: 4 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => source(`sub-${index}`))));
  const earlier = fc.subarray([
    recorded({ paymentId: 'sub-0' }),
    recorded({ paymentId: 'sub-1', status: 'canceled', rawStatus: 'incomplete' }),
    recorded({ paymentId: 'sub-2', status: 'canceled', rawStatus: 'canceled' }),
    recorded({ paymentId: 'sub-gone', status: 'canceled', rawStatus: 'unpaid' }),
  ]);
  const anything: fc.Arbitrary<PaymentFacts> = fc.record({
    subscriptions: sources,
    isDeleted: fc.boolean(),
    recorded: earlier,
    unpaidSince: fc.option(someDay),
    terms: fc.constant(TERMS),
  });

  it('makes at most one live, and then not the free one as well', () => {
    fc.assert(
      fc.property(anything, (known) => {
        const decision = decideSubscriptions(known);
        expect(live(decision).length).toBeLessThanOrEqual(1);
        if (live(decision).length === 1) expect(decision.free).toBe(known.unpaidSince ? 'ends' : 'stays-as-it-is');
        if (decision.free === 'starts') expect(known.unpaidSince).toBeNull();
        if (decision.free === 'ends') expect(known.unpaidSince).not.toBeNull();
      }),
    );
  });

  it('decides the same in whatever order it is listed', () => {
    const shuffled = anything.chain((known) =>
      fc.tuple(
        fc.constant(known),
        fc.shuffledSubarray([...known.subscriptions], { minLength: known.subscriptions.length }),
        fc.shuffledSubarray([...known.recorded], { minLength: known.recorded.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([known, subscriptions, records]) => {
        expect(decideSubscriptions({ ...known, subscriptions, recorded: records })).toEqual(decideSubscriptions(known));
      }),
    );
  });

  it('decides nothing new when it is asked again', () => {
    fc.assert(
      fc.property(anything, (known) => {
        const first = decideSubscriptions(known);
        const later = after(known, first);
        const again = decideSubscriptions(later);
        expect(after(later, again)).toEqual(later);
        expect(again).toMatchObject({ isNews: false, free: 'stays-as-it-is', surplusIds: first.surplusIds });
      }),
    );
  });

  it('ends nothing but what is paid for beside the live one', () => {
    fc.assert(
      fc.property(anything, (known) => {
        const decision = decideSubscriptions(known);
        for (const id of decision.surplusIds) {
          const surplus = known.subscriptions.find((candidate) => candidate.id === id);
          expect(['active', 'trialing', 'past_due']).toContain(surplus?.rawStatus);
          expect(liveIds(decision)).not.toContain(id);
          expect(live(decision)).toHaveLength(1);
        }
      }),
    );
  });

  /** What is known once a decision was carried out, and nothing has happened since. */
  function after(known: PaymentFacts, decision: Decision): PaymentFacts {
    const records = new Map([...known.recorded, ...decision.records].map((record) => [record.paymentId, record]));
    const unpaidSince = { starts: day(30), ends: null, 'stays-as-it-is': known.unpaidSince }[decision.free];
    return { ...known, recorded: [...records.values()], unpaidSince };
  }
});

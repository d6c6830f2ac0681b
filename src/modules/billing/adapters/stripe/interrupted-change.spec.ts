import { noteTakenBack, takenBack } from './interrupted-change';
import { LATER, stripeSubscription } from './stripe.fixtures';

describe('a cancellation that was taken back', () => {
  it.each([
    [
      { cancel_at_period_end: true, cancel_at: LATER },
      { cancelAt: null, freeFollows: '' },
    ],
    [{ cancel_at: LATER }, { cancelAt: LATER, freeFollows: '' }],
    [
      { cancel_at_period_end: true, metadata: { free_follows: 'true' } },
      { cancelAt: null, freeFollows: 'true' },
    ],
  ])('of %j is read as it was noted', (before, known) => {
    const metadata = { taken_back: noteTakenBack(stripeSubscription(before)) };
    expect(takenBack({ metadata })).toEqual({ at: expect.any(Date), ...known });
  });

  it.each([undefined, '', 'yesterday', '#period#', '1767000000', '1767000000#soon#'])('is none in %j', (note) => {
    expect(takenBack({ metadata: note === undefined ? {} : { taken_back: note } })).toBeUndefined();
  });
});

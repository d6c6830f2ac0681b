import { type AdoptableCall, planAdoption } from './plan-adoption';

const call = (change: Partial<AdoptableCall> = {}): AdoptableCall => ({
  id: 'call',
  userId: 'user',
  status: 'queued',
  maxDurationSeconds: null,
  recipientNumber: '+12025550123',
  openAttempt: null,
  hasAttempt: false,
  wasPlaced: false,
  ...change,
});

describe('planAdoption', () => {
  it('lets a queued call follow the attempt, and reserves for it', () => {
    expect(planAdoption(call())).toEqual({ state: 'unknown', isReserving: true, givenUpAttemptId: null });
  });

  it.each(['placing', 'unknown'] as const)('closes an attempt that is %s first', (state) => {
    const plan = planAdoption(call({ status: 'in-progress', openAttempt: { id: 'earlier', state, isOfNow: false } }));
    expect(plan).toEqual({ state: 'unknown', isReserving: true, givenUpAttemptId: 'earlier' });
  });

  it('only writes the attempt down beside one that is live, and does not charge both', () => {
    const openAttempt = { id: 'live', state: 'placed', isOfNow: false } as const;
    const plan = planAdoption(call({ status: 'in-progress', openAttempt, wasPlaced: true }));
    expect(plan).toEqual({ state: 'ended', isReserving: false, givenUpAttemptId: null });
  });

  it.each(['placing', 'unknown', 'placed'] as const)(
    'leaves an attempt alone that is %s since the restore',
    (state) => {
      const plan = planAdoption(call({ status: 'in-progress', openAttempt: { id: 'now', state, isOfNow: true } }));
      expect(plan).toEqual({ state: 'ended', isReserving: false, givenUpAttemptId: null });
    },
  );

  it.each(['completed', 'failed', 'canceled'] as const)('does not charge a %s call twice', (status) => {
    expect(planAdoption(call({ status, wasPlaced: true }))).toMatchObject({ state: 'ended', isReserving: false });
    expect(planAdoption(call({ status }))).toMatchObject({ state: 'ended', isReserving: true });
  });

  it('reserves again for a call that an earlier attempt put back into the queue', () => {
    expect(planAdoption(call({ wasPlaced: true }))).toMatchObject({ state: 'unknown', isReserving: true });
  });

  it('charges nobody for a user who was erased', () => {
    expect(planAdoption(call({ userId: null }))).toMatchObject({ state: 'unknown', isReserving: false });
  });
});

import fc from 'fast-check';
import type { CallReport } from '../../providers/public/call-provider.port';
import { type Outcome, OUTCOMES } from '../../providers/public/outcome';
import { type Advance, advanceAttempt, asRefusal, type AttemptStanding, isAnswered } from './advance-attempt';

const standing = (
  change: Partial<Omit<AttemptStanding, 'call'>> = {},
  call: Partial<AttemptStanding['call']> = {},
): AttemptStanding => ({
  state: 'placed',
  progress: 'queued',
  providerCallId: 'vendor-1',
  outcome: null,
  isSettled: false,
  ...change,
  call: {
    status: 'in-progress',
    failureCode: null,
    isCancelRequested: false,
    isHangUpOrdered: false,
    lineRefusals: 0,
    accountRefusals: 0,
    hasOtherOpenAttempt: false,
    hasOtherPlacedAttempt: false,
    ...call,
  },
});
const report = (change: Partial<CallReport> = {}): CallReport => ({
  providerCallId: 'vendor-1',
  progress: 'ended',
  ...change,
});
const ended = (outcome: Outcome, change: Partial<CallReport> = {}) => report({ outcome, ...change });

describe('advanceAttempt', () => {
  it('moves progress forward and never back', () => {
    expect(advanceAttempt(standing({ progress: 'ringing' }), report({ progress: 'queued' })).progress).toBe('ringing');
    expect(advanceAttempt(standing({ progress: 'ringing' }), report({ progress: 'in-progress' })).progress).toBe(
      'in-progress',
    );
  });

  it.each(['placing', 'unknown'] as const)('adopts a call that proves a %s attempt', (state) => {
    const advance = advanceAttempt(
      standing({ state, providerCallId: null, progress: null }),
      report({ progress: 'ringing' }),
    );
    expect(advance).toEqual({ relation: 'adopt', progress: 'ringing' });
  });

  it.each(OUTCOMES.filter(isAnswered))('completes a call with outcome %s', (outcome) => {
    expect(advanceAttempt(standing(), ended(outcome, { durationSeconds: 61 })).end).toEqual({
      outcome,
      callStatus: 'completed',
      usage: { kind: 'one-call', minutes: 2 },
    });
  });

  it.each(['no_answer', 'busy', 'declined', 'invalid_number', 'blocked', 'carrier_error'] as const)(
    'fails a call with outcome %s and charges one call without minutes',
    (outcome) => {
      const { end } = advanceAttempt(standing(), ended(outcome, { durationSeconds: 0 }));
      expect(end).toMatchObject({ callStatus: 'failed', usage: { kind: 'one-call', minutes: 0 } });
    },
  );

  it.each(['capacity', 'account', 'line'] as const)('puts a call back that ended for %s before it rang', (outcome) => {
    expect(advanceAttempt(standing(), ended(outcome, { durationSeconds: 0 })).end).toEqual({
      outcome,
      callStatus: 'queued',
      usage: { kind: 'nothing' },
    });
  });

  it.each(['capacity', 'account', 'line'] as const)(
    'never repeats a call that may have rung, even if it ended for %s',
    (outcome) => {
      const { end } = advanceAttempt(standing({ progress: 'ringing' }), ended(outcome));
      expect(end).toMatchObject({ callStatus: 'failed', usage: { kind: 'later' } });
    },
  );

  it('fails a call whose assistant is not right, and charges nothing', () => {
    expect(advanceAttempt(standing(), ended('config')).end).toMatchObject({
      callStatus: 'failed',
      usage: { kind: 'nothing' },
    });
  });

  it('charges a vendor fault only once the phone has rung', () => {
    expect(advanceAttempt(standing(), ended('provider_error')).end?.usage).toEqual({ kind: 'nothing' });
    const rang = advanceAttempt(
      standing({ progress: 'in-progress' }),
      ended('provider_error', { durationSeconds: 30 }),
    );
    expect(rang.end?.usage).toEqual({ kind: 'one-call', minutes: 1 });
  });

  it('ends a call as canceled when its user asked for it', () => {
    expect(
      advanceAttempt(standing({}, { isCancelRequested: true }), ended('completed', { durationSeconds: 5 })).end,
    ).toMatchObject({
      callStatus: 'canceled',
      usage: { kind: 'one-call', minutes: 1 },
    });
  });

  it('ends a call as canceled that an emergency stop had hung up, and puts one back that never rang', () => {
    const hungUp = standing({}, { isHangUpOrdered: true });
    expect(advanceAttempt(hungUp, ended('no_conversation', { durationSeconds: 5 })).end?.callStatus).toBe('canceled');
    expect(advanceAttempt(hungUp, ended('provider_error')).end?.callStatus).toBe('canceled');
    expect(advanceAttempt(hungUp, ended('capacity')).end?.callStatus).toBe('queued');
  });

  it('leaves the usage open while the connected time of an answered call is not known, and measures it later', () => {
    expect(advanceAttempt(standing(), ended('completed')).end?.usage).toEqual({ kind: 'later' });
    const later = advanceAttempt(
      standing({ state: 'ended', progress: 'ended' }),
      ended('completed', { durationSeconds: 90 }),
    );
    expect(later).toEqual({ relation: 'over', progress: 'ended', measuredMinutes: 2 });
  });

  it('ignores the end of a settled attempt', () => {
    const again = advanceAttempt(
      standing({ state: 'ended', progress: 'ended', isSettled: true }),
      ended('completed', { durationSeconds: 90 }),
    );
    expect(again).toEqual({ relation: 'over', progress: 'ended' });
  });

  it('lets late proof correct a placement that was given up', () => {
    const givenUp = standing(
      { state: 'ended', providerCallId: null, progress: null },
      { status: 'failed', failureCode: 'placement_unknown' },
    );
    expect(advanceAttempt(givenUp, report({ progress: 'in-progress' })).relation).toBe('late');
  });

  it('takes a call back that was canceled before anybody knew of its placement, so that it is hung up until it has ended', () => {
    const canceled = { status: 'canceled', isCancelRequested: true } as const;
    const givenUp = standing({ state: 'ended', providerCallId: null, progress: null }, canceled);
    expect(advanceAttempt(givenUp, report({ progress: 'ringing' })).relation).toBe('late');
    const { end } = advanceAttempt(standing({}, { ...canceled, status: 'in-progress' }), ended('completed'));
    expect(end?.callStatus).toBe('canceled');
    const another = standing({ state: 'ended', providerCallId: null }, { ...canceled, hasOtherPlacedAttempt: true });
    expect(advanceAttempt(another, report({ progress: 'ringing' })).relation).toBe('book');
  });

  it('takes a call back from the queue when its refused attempt turns out to ring', () => {
    const refused = standing({ state: 'refused', providerCallId: null, progress: null }, { status: 'queued' });
    expect(advanceAttempt(refused, report({ progress: 'ringing' })).relation).toBe('late');
  });

  it('only writes down proof for a call that has gone another way', () => {
    const elsewhere = standing({ state: 'refused', providerCallId: null }, { hasOtherOpenAttempt: true });
    expect(advanceAttempt(elsewhere, report({ progress: 'ringing' })).relation).toBe('book');
    const over = standing({ state: 'refused', providerCallId: null }, { status: 'completed' });
    expect(advanceAttempt(over, report({ progress: 'ringing' })).relation).toBe('book');
  });

  it('goes on writing down what a call that has gone another way is told about, until its end', () => {
    const booked = standing(
      { state: 'refused', providerCallId: 'vendor-1', progress: 'in-progress', isSettled: true },
      { status: 'canceled' },
    );
    const { relation, end } = advanceAttempt(booked, ended('completed', { durationSeconds: 90 }));
    expect({ relation, usage: end?.usage }).toEqual({ relation: 'book', usage: { kind: 'one-call', minutes: 2 } });
  });

  it('maps an end before ringing to the refusal it amounts to', () => {
    expect((['capacity', 'account', 'line', 'config', 'busy'] as const).map(asRefusal)).toEqual([
      'concurrency',
      'account',
      'line',
      undefined,
      undefined,
    ]);
  });

  it('comes to the same end whatever the order and the repetitions of the reports', () => {
    const life: CallReport[] = [
      report({ progress: 'queued' }),
      report({ progress: 'ringing' }),
      report({ progress: 'in-progress', startedAt: new Date(1_000) }),
      ended('completed'),
      ended('completed', { startedAt: new Date(1_000), durationSeconds: 75 }),
    ];
    const anyOrder = fc.shuffledSubarray([...life, ...life], { minLength: life.length * 2 });
    fc.assert(
      fc.property(anyOrder, (reports) => {
        expect(live(reports)).toEqual({ state: 'ended', outcome: 'completed', minutes: [2] });
      }),
    );
  });

  it.each(['completed', 'no_conversation'] as const)(
    'finds out late that a machine ended %s, in any order',
    (first) => {
      const told = { durationSeconds: 75 };
      const life = [
        ended(first, told),
        ended('voicemail', told),
        ended(first, told),
        report({ progress: 'in-progress' }),
      ];
      fc.assert(
        fc.property(fc.shuffledSubarray(life, { minLength: life.length }), (reports) => {
          expect(live(reports)).toEqual({ state: 'ended', outcome: 'voicemail', minutes: [2] });
        }),
      );
    },
  );

  it.each(OUTCOMES.filter((outcome) => !['completed', 'no_conversation'].includes(outcome)))(
    'lets nothing that comes later change the outcome %s',
    (outcome) => {
      const over = standing({ state: 'ended', progress: 'ended', isSettled: true, outcome });
      for (const other of OUTCOMES)
        expect(advanceAttempt(over, ended(other))).toEqual({ relation: 'over', progress: 'ended' });
    },
  );
});

/** Applies reports as the use case does, and collects what is settled. */
function live(reports: readonly CallReport[]) {
  let attempt = standing({ state: 'placing', providerCallId: null, progress: null });
  const minutes: number[] = [];
  for (const next of reports) {
    const advance: Advance = advanceAttempt(attempt, next);
    const { end, measuredMinutes, correctedOutcome } = advance;
    if (end?.usage.kind === 'one-call') minutes.push(end.usage.minutes);
    if (measuredMinutes !== undefined) minutes.push(measuredMinutes);
    attempt = {
      ...attempt,
      state: end || attempt.state === 'ended' ? 'ended' : 'placed',
      providerCallId: next.providerCallId,
      progress: advance.progress,
      outcome: end?.outcome ?? correctedOutcome ?? attempt.outcome,
      isSettled: minutes.length > 0,
    };
  }
  return { state: attempt.state, outcome: attempt.outcome, minutes };
}

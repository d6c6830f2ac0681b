import type { Call, CallRecord, UsageEntry } from './api-types';
import { type Evidence, problemsOf } from './verdict';

const NUMBER = '+12025550110';
const OTHER = '+12025550111';

const call = (change: Partial<Call> = {}): Call => ({
  id: 'call-1',
  status: 'completed',
  recipientNumber: NUMBER,
  customVariables: {},
  failure: null,
  ...change,
});

const record = (durationSeconds: number): CallRecord => ({
  id: 'record-1',
  callQueueId: 'call-1',
  outcome: 'completed',
  transcript: '',
  durationSeconds,
  cost: null,
});

const entry = (kind: UsageEntry['kind'], minutes: number): UsageEntry => ({
  kind,
  callQueueId: 'call-1',
  attemptId: 'attempt-1',
  calls: 1,
  minutes,
  createdAt: '2026-11-22T16:00:00.000Z',
});

const usage: Evidence['usage'] = {
  periodStart: '2026-11-01T00:00:00.000Z',
  callsUsed: 1,
  callsReserved: 0,
  callsLimit: 50,
  callsRemaining: 49,
  minutesUsed: 2,
  minutesReserved: 0,
  minutesLimit: 100,
  minutesRemaining: 98,
};

/** One call of 61 seconds, and all is well. */
const evidence = (change: Partial<Evidence> = {}): Evidence => ({
  expected: [{ id: 'call-1', number: NUMBER }],
  calls: [call()],
  records: [record(61)],
  usage,
  entries: [entry('settle', 2), entry('reserve', 2)],
  knownNumbers: [NUMBER],
  standIn: { maxLiveCalls: 10, dialsByNumber: { [NUMBER]: 1 } },
  concurrencyLimit: 10,
  ...change,
});

const dialed = (dialsByNumber: Readonly<Record<string, number>>, maxLiveCalls = 1): Partial<Evidence> => ({
  standIn: { maxLiveCalls, dialsByNumber },
});

describe('the verdict', () => {
  it('finds nothing where every promise was kept', () => {
    expect(problemsOf(evidence())).toEqual([]);
  });

  it.each<[string, Partial<Evidence>, RegExp]>([
    ['a call that the service forgot', { calls: [] }, /^lost: the service no longer knows call call-1/],
    ['a call that was never dialed', dialed({}), /^lost: \+12025550110 was never dialed/],
    ['a number that was dialed twice', dialed({ [NUMBER]: 2 }), /^doubled: \+12025550110 was dialed 2 times/],
    ['a call that nobody queued', dialed({ [NUMBER]: 1, [OTHER]: 1 }), /^unasked: \+12025550111/],
    ['more calls at once than allowed', dialed({ [NUMBER]: 1 }, 11), /^above the limit: 11 .* 10 are allowed/],
    ['a call that still waits', { calls: [call({ status: 'queued' })] }, /^not ended: .* is still queued/],
    ['a call that goes on', { calls: [call({ status: 'in-progress' })] }, /^not ended: .* is still in-progress/],
    ['minutes that were not charged', { records: [record(30)] }, /^ledger: .* charged 2 minutes for 30 seconds/],
    ['a reservation that shows on', { usage: { ...usage, callsReserved: 1 } }, /^ledger: calls reserved is shown as 1/],
    ['a sum that is wrong', { usage: { ...usage, minutesUsed: 3 } }, /^ledger: minutes used .* 3, and should be 2/],
    ['a remainder that is wrong', { usage: { ...usage, callsRemaining: 50 } }, /^ledger: calls remaining .* 50/],
  ])('names %s', (_, change, problem) => {
    expect(problemsOf(evidence(change))).toEqual([expect.stringMatching(problem)]);
  });

  it('names a reservation that nobody gave back, or that was given back twice', () => {
    const open = [entry('reserve', 2)];
    expect(problemsOf(evidence({ entries: open }))).toContain('ledger: attempt attempt-1 has the lines reserve');
    const twice = [...open, entry('release', 2), entry('settle', 2)];
    expect(problemsOf(evidence({ entries: twice }))).toEqual([
      'ledger: attempt attempt-1 has the lines reserve, release, settle',
    ]);
  });

  it('does not miss a dial of a call that the dispatcher refused', () => {
    const refused = call({ status: 'failed', failure: { code: 'quota_exceeded', detail: '' } });
    const nothingUsed = { ...usage, callsUsed: 0, callsRemaining: 50, minutesUsed: 0, minutesRemaining: 100 };
    const unplaced = { calls: [refused], records: [], entries: [], usage: nothingUsed, ...dialed({}) };
    expect(problemsOf(evidence(unplaced))).toEqual([]);
  });

  it('charges no more than was reserved', () => {
    expect(problemsOf(evidence({ records: [record(200)] }))).toEqual([]);
  });
});

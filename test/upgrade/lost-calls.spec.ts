import type { QueueRow } from '../fault/storm/evidence';
import type { MadeCall } from '../fault/storm/vendor-records';
import { idleVersions, lostCalls, type Reasons } from './lost-calls';

const NUMBER = '+12025550001';
const row: QueueRow = { number: NUMBER, status: 'completed', failure: null, isCancelRequested: false };
const call: MadeCall = {
  id: 'call-1',
  number: NUMBER,
  attemptId: 'attempt-1',
  isDialed: true,
  isConnected: true,
  durationSeconds: 61,
  besides: [],
};
const because = (...reasons: readonly (keyof Reasons)[]): Reasons => ({
  canceled: new Set(reasons.includes('canceled') ? [NUMBER] : []),
  hungUp: new Set(reasons.includes('hungUp') ? [NUMBER] : []),
  orphaned: new Set(reasons.includes('orphaned') ? [NUMBER] : []),
});
const failed = (failure: string): QueueRow => ({ ...row, status: 'failed', failure });
const canceled: QueueRow = { ...row, status: 'canceled', isCancelRequested: true };

describe('a call that an update has lost', () => {
  it.each<[what: string, row: QueueRow, calls: readonly MadeCall[], reasons: Reasons]>([
    ['is one that nobody canceled', canceled, [], because('orphaned')],
    ['is one that was hung up for nobody', canceled, [call], because('orphaned')],
    ['is one for which nothing is left', failed('quota_exceeded'), [], because('canceled', 'hungUp', 'orphaned')],
    ['is one that is refused', failed('refused'), [], because('canceled', 'hungUp', 'orphaned')],
    ['is one with a wrong number', failed('invalid_number'), [], because('canceled', 'hungUp', 'orphaned')],
    [
      'is one that an instance left which nobody killed',
      failed('placement_unknown'),
      [],
      because('canceled', 'hungUp'),
    ],
    ['is one that nobody has dialled', row, [], because()],
    ['is one whose dial was never asked for', failed('no_answer'), [{ ...call, isDialed: false }], because()],
  ])('%s', (_, lost, calls, reasons) => {
    expect(lostCalls({ rows: [lost], calls }, reasons)).toEqual([
      `${NUMBER} is ${lost.status} (${lost.failure ?? '-'}) for no reason`,
    ]);
  });

  it.each<[what: string, row: QueueRow, calls: readonly MadeCall[], reasons: Reasons]>([
    ['was made', row, [call], because()],
    ['rang in vain', failed('no_answer'), [{ ...call, isConnected: false }], because()],
    ['was canceled by its user', canceled, [], because('canceled')],
    ['was hung up by the stop', canceled, [call], because('hungUp')],
    ['was never asked for, since its instance was killed', failed('placement_unknown'), [], because('orphaned')],
  ])('is none that %s', (_, kept, calls, reasons) => {
    expect(lostCalls({ rows: [kept], calls }, reasons)).toEqual([]);
  });
});

describe('a version beside which nothing is shown', () => {
  const members = [{ version: 'old' }, { version: 'old' }, { version: 'new' }] as const;
  const dials = (...attempts: readonly string[]) => attempts.map((attemptId) => ({ ...call, attemptId }));
  const versionOf = (attemptId: string) =>
    attemptId.startsWith('old') ? 'old' : attemptId.startsWith('new') ? 'new' : undefined;

  it('has dialled less often than it has instances', () => {
    expect(idleVersions(dials('old-1', 'old-2', 'new-1'), members, versionOf)).toEqual([]);
    expect(idleVersions(dials('old-1', 'new-1', 'new-2'), members, versionOf)).toEqual([
      'the old version has dialled 1 times, with 2 instances',
    ]);
    expect(idleVersions(dials('old-1', 'old-2', 'lost'), members, versionOf)).toEqual([
      'the new version has dialled 0 times, with 1 instances',
    ]);
  });

  it('has no instances at all', () => {
    expect(idleVersions(dials('old-1'), [{ version: 'old' }], versionOf)).toEqual([
      'the new version has dialled 0 times, with 0 instances',
    ]);
  });
});

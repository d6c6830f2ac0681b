import { brokenCalls } from './broken-calls';
import { brokenCounts } from './broken-limits';
import type { AttemptRow, Evidence, QueueRow } from './evidence';
import type { AskedFor, MadeCall } from './vendor-records';

const NUMBER = '+12022000001';

const plan = { number: NUMBER, user: 0, way: 'single', isRepeated: false, cancel: 'never', faults: [] } as const;
const call: MadeCall = {
  id: 'call-1',
  number: NUMBER,
  attemptId: 'attempt-1',
  isDialed: true,
  isConnected: true,
  durationSeconds: 61,
  besides: [],
};
const post: AskedFor = { number: NUMBER, attemptId: 'attempt-1', at: 1, callId: 'call-1', answeredStatus: 201 };
const row: QueueRow = { number: NUMBER, status: 'completed', failure: null, isCancelRequested: false };
const attempt: AttemptRow = {
  id: 'attempt-1',
  state: 'ended',
  refusal: null,
  outcome: 'completed',
  providerCallId: 'call-1',
  kinds: ['reserve', 'settle'],
  minutes: 2,
  open: 1,
  most: 1,
  admission: 1,
};

/** One call that went as it should, and what is different about it. */
interface Difference {
  readonly calls?: readonly MadeCall[];
  readonly posts?: readonly AskedFor[];
  readonly rows?: readonly QueueRow[];
  readonly attempts?: readonly AttemptRow[];
  readonly history?: readonly string[];
  readonly state?: 'accepted' | 'refused' | 'in doubt';
  readonly canceledWaiting?: readonly string[];
}

function evidence({ calls = [call], posts = [post], attempts = [attempt], ...other }: Difference): Evidence {
  const { rows = [row], history = [`${NUMBER} call-1`], state = 'accepted', canceledWaiting = [] } = other;
  return {
    story: { queued: [{ plan, state }], canceledWaiting, cancellations: 0 },
    vendors: [{ posts, calls, webhooks: [], liveCalls: 0, maxLiveCalls: 1 }],
    calls,
    posts: new Map([[NUMBER, posts]]),
    rows,
    attempts: new Map(attempts.map((one) => [one.id, one])),
    history,
  };
}

const broken = (difference: Difference) => [
  ...brokenCalls(evidence(difference)),
  ...brokenCounts(evidence(difference)),
];

const another = { ...attempt, id: 'attempt-2', providerCallId: 'call-2', admission: 2, open: 1 };
const second: MadeCall = { ...call, id: 'call-2', attemptId: 'attempt-2' };
const refused: AskedFor = { ...post, attemptId: 'attempt-0', callId: undefined, answeredStatus: 429 };
const neverDialled: Difference = { calls: [], posts: [], history: [], attempts: [] };

describe('the verdict on a storm', () => {
  it('finds nothing where every promise was kept', () => {
    expect(broken({})).toEqual([]);
    expect(broken({ posts: [refused, post] })).toEqual([]);
    expect(broken({ ...neverDialled, rows: [{ ...row, status: 'failed', failure: 'quota_exceeded' }] })).toEqual([]);
    expect(broken({ ...neverDialled, rows: [], state: 'in doubt' })).toEqual([]);
  });

  it.each<[found: RegExp, difference: Difference]>([
    [/was dialled 2 times/, { calls: [call, second], attempts: [{ ...attempt, most: 2 }, another] }],
    [/asked for again although/, { posts: [{ ...refused, answeredStatus: 503 }, post] }],
    [/asked for again although/, { posts: [{ ...refused, answeredStatus: undefined }, post] }],
    [/sent to a vendor twice/, { posts: [refused, refused] }],
    [/was accepted and is lost/, { rows: [] }],
    [/was refused and is in the queue/, { state: 'refused' }],
    [/is in the queue 2 times/, { rows: [row, row] }],
    [/is queued .* was talked/, { rows: [{ ...row, status: 'queued' }] }],
    [
      /is failed \(placement_unknown\), and was talked/,
      { rows: [{ ...row, status: 'failed', failure: 'placement_unknown' }] },
    ],
    [/is failed \(-\), and never rang/, { ...neverDialled, rows: [{ ...row, status: 'failed' }] }],
    [/is completed .* never rang/, neverDialled],
    [/rang although it was canceled/, { canceledWaiting: [NUMBER] }],
    [/is in no history/, { history: [] }],
    [/and no vendor's call/, { history: [`${NUMBER} call-1`, `${NUMBER} call-9`] }],
    [/in the history twice/, { history: [`${NUMBER} call-1`, `${NUMBER} call-1`] }],
    [/slot 2 of 1 was given away/, { attempts: [{ ...attempt, open: 2 }] }],
    [
      /2 calls at once, where 1 were allowed/,
      { calls: [{ ...second, besides: ['attempt-1'] }], attempts: [attempt, another] },
    ],
    [/nobody has written it down/, { attempts: [] }],
    [/has the lines reserve$/, { attempts: [{ ...attempt, kinds: ['reserve'] }] }],
    [/has the lines adjust,reserve,settle/, { attempts: [{ ...attempt, kinds: ['adjust', 'reserve', 'settle'] }] }],
    [/is charged 1 minutes, the vendor told 61/, { attempts: [{ ...attempt, minutes: 1 }] }],
    [/is charged 2 minutes, the vendor told of no call/, { ...neverDialled, attempts: [attempt] }],
  ])('finds %s', (found, difference) => {
    expect(broken(difference)).toContainEqual(expect.stringMatching(found));
  });

  it('lets calls go on that began before their limit was lowered', () => {
    const beside = { ...second, number: '+12022000002', besides: ['attempt-1'] };
    const attempts = [
      { ...attempt, most: 2 },
      { ...another, most: 2 },
      { ...another, id: 'attempt-3', admission: 3, most: 0 },
    ];
    expect(broken({ calls: [call, beside], attempts })).not.toContainEqual(expect.stringMatching(/at once/));
  });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultForm } from '../support/test-environment';
import { KillWorld } from './kill-world';
import { choosePoints, useCasesOf } from './points';
import { violationsOf } from './violations';

/** `npm run test:fault -- --long` tries every point, `npm test` some of them. */
const { isLong, seed } = faultForm();
const SHORT_FORM_POINTS = 8;

jest.setTimeout(isLong ? 3_600_000 : 300_000);

/** What is not part of a call's life: what people look at and set up. */
const ASIDE = [
  ...['CreateCallTemplate', 'ChangeCallTemplate', 'DeleteCallTemplate', 'GetCallTemplate', 'ListCallTemplates'],
  ...['GetCall', 'ListCalls', 'ListAllCalls', 'GetCallRecord', 'ListCallRecords'],
  ...['ViewQueue', 'PauseQueue', 'ResumeQueue', 'StopQueue', 'ClearExpiredDetails'],
  ...['EraseUser', 'EndCallsOfUser', 'ForgetUser'],
];
/**
 * What the tour does not meet, since it runs only after a restore. No process is killed in it: in
 * `test/e2e/restored-database` an instance stands still amid a comparison, and another one finishes it.
 */
const NOT_ON_TOUR = [
  ...['MarkRestored', 'AbandonComparison', 'TakeInPlacedCall', 'TakeInStrayReport'],
  ...['AdoptCall', 'CatchUpOpenAttempt'],
];

let world: KillWorld;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringonce-points-'));
  world = await KillWorld.start();
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

let points: readonly string[] = [];

describe('an instance that is killed', () => {
  it('is not needed to see what a call’s life touches', async () => {
    const journal = join(folder, 'points');
    const round = await world.tour(journal);
    expect(await violationsOf(world.vendors, round)).toEqual([]);
    points = readFileSync(journal, 'utf8').trim().split('\n').sort();
    const touched = new Set(points.map((point) => point.split(':')[0]));
    const untouched = useCasesOf('calls').filter((name) => !touched.has(name));
    expect(untouched.filter((name) => !ASIDE.includes(name)).sort()).toEqual([...NOT_ON_TOUR].sort());
  });

  it('leaves nothing that another one does not bring to its end', async () => {
    const chosen = isLong ? points : choosePoints(points, SHORT_FORM_POINTS, seed);
    const verdicts: Record<string, readonly string[]> = {};
    const unreached: string[] = [];
    for (const point of chosen) {
      const { round, isReached } = await world.killAt(point);
      if (!isReached) unreached.push(point);
      verdicts[point] = await violationsOf(world.vendors, round);
      if (isLong)
        process.stderr.write(`${isReached ? 'killed' : 'missed'}  ${point}  ${verdicts[point].join('; ') || 'ok'}\n`);
    }
    expect(Object.entries(verdicts).filter(([, violations]) => violations.length > 0)).toEqual([]);
    expect(unreached).toEqual([]);
  });
});

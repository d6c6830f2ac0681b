import type { Evidence } from './evidence';
import type { StormWorld } from './storm-world';

/** What a storm was, beside what it left. */
export interface StormRun {
  readonly seed: number;
  readonly seconds: number;
  /** How the instances got to their database. */
  readonly way: string;
  readonly violations: readonly string[];
}

type Line = readonly [what: string, figures: string | number];

/** The figures of a storm, one line each. */
export function tableOf(world: StormWorld, evidence: Evidence, run: StormRun): string {
  const lines: readonly Line[] = [
    ['seed', run.seed],
    ['way to the database', run.way],
    ['duration', `${run.seconds.toFixed(0)} s`],
    ...callLines(evidence),
    ...faultLines(world),
    ...vendorLines(evidence),
    ...webhookLines(evidence),
    ...promiseLines(run.violations),
    ...world.log.summary().map((line): Line => ['said', line]),
  ];
  const width = Math.max(...lines.map(([what]) => what.length));
  return lines.map(([what, figures]) => `${what.padEnd(width)}  ${figures}`).join('\n');
}

/** What must be 0. */
function promiseLines(violations: readonly string[]): readonly Line[] {
  const count = (words: RegExp) => violations.filter((violation) => words.test(violation)).length;
  return [
    ['dialled twice, or asked for in doubt', count(/was dialled|asked for again|sent to a vendor twice/)],
    ['lost', count(/is lost|in no history/)],
    ['beyond a cap', count(/at once, where|was given away/)],
    ['oversold', count(/was sold/)],
    ['broken promises in all', violations.length],
  ];
}

function callLines({ story, rows, calls }: Evidence): readonly Line[] {
  const told = countOf(story.queued, ({ state }) => state);
  const ends = countOf(rows, ({ status, failure }) => (failure === null ? status : `${status}: ${failure}`));
  return [
    ['calls planned', `${story.queued.length} (${told})`],
    ['calls in the queue', `${rows.length} (${ends})`],
    ['dials', calls.filter(({ isDialed }) => isDialed).length],
    ['cancellations', `${story.cancellations} (${story.canceledWaiting.length} while waiting)`],
  ];
}

function faultLines({ fleet, database, front, client, log }: StormWorld): readonly Line[] {
  const { ends, starts } = fleet;
  const { restarts, endedSessions, way } = database;
  return [
    ['instances killed', `${ends.kill} at any moment, ${ends['kill-at-point']} at a point`],
    ['instances terminated', `${ends.terminate} once, ${ends['terminate-twice']} twice; ${starts} starts`],
    ['database restarts', `${restarts.fast} in order, ${restarts.immediate} crashes; ${endedSessions} sessions ended`],
    ['connections cut', `${way.cuts} to the database, ${front.cuts} of requests; ${client.repeats} requests repeated`],
    ['alarms', log.alarms.length],
  ];
}

function vendorLines({ vendors, attempts, posts }: Evidence): readonly Line[] {
  const all = [...attempts.values()];
  const unanswered = [...posts.values()]
    .flat()
    .filter(({ answeredStatus: status = 0 }) => status < 201 || status > 499);
  const adopted = unanswered.filter(({ attemptId }) => attempts.get(attemptId)?.providerCallId);
  const neverFound = all.filter(({ state, providerCallId }) => state === 'ended' && providerCallId === null);
  return [
    [
      'attempts refused',
      countOf(
        all.filter(({ state }) => state === 'refused'),
        ({ refusal }) => refusal ?? 'never sent',
      ),
    ],
    [
      'unknown placements',
      `${unanswered.length} (${adopted.length} adopted, ${unanswered.length - adopted.length} given up)`,
    ],
    ['placements given up', `${neverFound.length}, requests that never left among them`],
    ...vendors.map(({ maxLiveCalls, calls }, index): Line => {
      const most = Math.max(...calls.map(({ attemptId }) => attempts.get(attemptId)?.most ?? 0));
      return [`highest use of provider ${index + 1}`, `${maxLiveCalls} of at most ${most}`];
    }),
  ];
}

function webhookLines({ vendors, story }: Evidence): readonly Line[] {
  const webhooks = vendors.flatMap((vendor) => vendor.webhooks);
  const faults = story.queued.flatMap(({ plan }) => plan.faults.flatMap(({ order }) => order.webhooks ?? []));
  return [
    ['webhooks', `${webhooks.length} (${countOf(webhooks, ({ outcome }) => outcome)})`],
    ['webhooks tried again', webhooks.filter((webhook) => webhook.attempts > 1).length],
    ['calls told wrongly', countOf(faults, ({ mode }) => mode)],
  ];
}

function countOf<Item>(items: readonly Item[], kindOf: (item: Item) => string): string {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(kindOf(item), (counts.get(kindOf(item)) ?? 0) + 1);
  return (
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ') || '0'
  );
}

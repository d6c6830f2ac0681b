import { dialsByNumber } from '../fault/storm/broken-calls';
import type { Evidence, QueueRow } from '../fault/storm/evidence';
import type { MadeCall } from '../fault/storm/vendor-records';
import type { Excuses } from './excuses';
import type { Version } from './member';

/** By number. */
export interface Reasons extends Pick<Excuses, 'hungUp'> {
  /** Calls that their users canceled, or may have canceled. */
  readonly canceled: ReadonlySet<string>;
  /** Calls that an instance had claimed which was killed: it may never have asked for them. */
  readonly orphaned: ReadonlySet<string>;
}

/**
 * Calls that were not made, or were ended, for no reason that this world has: its users have allowances enough, its
 * numbers can be called and its vendors take whatever they are asked, so every call is made unless somebody did not want
 * it any more, or the instance that was placing it was killed.
 */
export function lostCalls(evidence: Pick<Evidence, 'rows' | 'calls'>, reasons: Reasons): string[] {
  const dials = dialsByNumber(evidence);
  return evidence.rows
    .filter((row) => !hasReason(row, dials.has(row.number), reasons))
    .map(({ number, status, failure }) => `${number} is ${status} (${failure ?? '-'}) for no reason`);
}

function hasReason({ number, status, failure }: QueueRow, isDialled: boolean, reasons: Reasons): boolean {
  if (status === 'canceled') return reasons.canceled.has(number) || reasons.hungUp.has(number);
  return isDialled || (failure === 'placement_unknown' && reasons.orphaned.has(number));
}

/** Versions that have hardly dialled, beside which nothing is shown: each of their instances claims at least one call. */
export function idleVersions(
  calls: readonly MadeCall[],
  members: readonly { readonly version: Version }[],
  versionOf: (attemptId: string) => Version | undefined,
): string[] {
  const dials = calls.filter(({ isDialed }) => isDialed).map(({ attemptId }) => versionOf(attemptId));
  return (['old', 'new'] as const).flatMap((version) => {
    const wanted = members.filter((member) => member.version === version).length;
    const made = dials.filter((one) => one === version).length;
    return wanted > 0 && made >= wanted
      ? []
      : [`the ${version} version has dialled ${made} times, with ${wanted} instances`];
  });
}

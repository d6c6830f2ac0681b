import type { Evidence, QueueRow } from './evidence';
import type { AskedFor, MadeCall } from './vendor-records';

/** What a call may fail with that never rang, and one that rang in vain. */
const FAILURES_UNDIALLED = ['quota_exceeded', 'placement_unknown', 'refused', 'invalid_number'];
const FAILURES_DIALLED = ['no_answer', 'busy'];

/** Promises to those who are called, and to those who call: once each, and none is forgotten. */
export function brokenCalls(evidence: Evidence): string[] {
  return [
    ...dialledTwice(evidence),
    ...askedInDoubt(evidence),
    ...sentTwice(evidence),
    ...lostCalls(evidence),
    ...wrongEnds(evidence),
    ...wrongHistory(evidence),
  ];
}

export function dialsByNumber({ calls }: Pick<Evidence, 'calls'>): ReadonlyMap<string, readonly MadeCall[]> {
  const dials = new Map<string, MadeCall[]>();
  for (const call of calls.filter(({ isDialed }) => isDialed))
    dials.set(call.number, [...(dials.get(call.number) ?? []), call]);
  return dials;
}

function dialledTwice(evidence: Evidence): string[] {
  const twice = [...dialsByNumber(evidence)].filter(([, calls]) => calls.length > 1);
  return twice.map(([number, calls]) => `${number} was dialled ${calls.length} times`);
}

/** Asked for again although an earlier request may have placed it: refused, or made and ended before it rang, is certain. */
function askedInDoubt({ posts, calls }: Evidence): string[] {
  const neverRang = new Set(calls.filter(({ isDialed }) => !isDialed).map(({ id }) => id));
  const isCertain = ({ answeredStatus = 0, callId = '' }: AskedFor) =>
    (answeredStatus >= 400 && answeredStatus < 500) || neverRang.has(callId);
  return [...posts]
    .filter(([, all]) => !all.slice(0, -1).every(isCertain))
    .map(([number]) => `${number} was asked for again although it may ring`);
}

function sentTwice({ posts }: Evidence): string[] {
  const attempts = [...posts.values()].flat().map(({ attemptId }) => attemptId);
  return attempts.length === new Set(attempts).size ? [] : ['an attempt was sent to a vendor twice'];
}

function lostCalls({ story, rows }: Evidence): string[] {
  const counts = new Map<string, number>();
  for (const { number } of rows) counts.set(number, (counts.get(number) ?? 0) + 1);
  return story.queued.flatMap(({ plan: { number }, state }) => {
    const count = counts.get(number) ?? 0;
    if (state === 'accepted' && count === 0) return [`${number} was accepted and is lost`];
    if (state === 'refused' && count > 0) return [`${number} was refused and is in the queue`];
    return count > 1 ? [`${number} is in the queue ${count} times`] : [];
  });
}

function wrongEnds(evidence: Evidence): string[] {
  const dials = dialsByNumber(evidence);
  const canceled = new Set(evidence.story.canceledWaiting);
  return evidence.rows.flatMap((row) => {
    const [call] = dials.get(row.number) ?? [];
    if (call && canceled.has(row.number)) return [`${row.number} rang although it was canceled while it waited`];
    return isRightEnd(row, call) ? [] : [`${row.number} is ${row.status} (${row.failure ?? '-'}), ${wordsFor(call)}`];
  });
}

function isRightEnd({ status, failure, isCancelRequested }: QueueRow, call: MadeCall | undefined): boolean {
  if (status === 'canceled') return !call || isCancelRequested;
  if (!call) return status === 'failed' && FAILURES_UNDIALLED.includes(failure ?? '');
  if (call.isConnected) return status === 'completed';
  return status === 'failed' && FAILURES_DIALLED.includes(failure ?? '');
}

function wordsFor(call: MadeCall | undefined): string {
  if (!call) return 'and never rang';
  return call.isConnected ? `and was talked for ${call.durationSeconds} s` : 'and rang in vain';
}

/** Every call that a vendor has made is in the history, once, and nothing else is. */
function wrongHistory({ calls, history }: Evidence): string[] {
  const made = new Set(calls.map(({ number, id }) => `${number} ${id}`));
  const told = new Set(history);
  return [
    ...[...made].filter((entry) => !told.has(entry)).map((entry) => `${entry} is in no history`),
    ...[...told].filter((entry) => !made.has(entry)).map((entry) => `${entry} is in the history, and no vendor's call`),
    ...(told.size === history.length ? [] : ['a call is in the history twice']),
  ];
}

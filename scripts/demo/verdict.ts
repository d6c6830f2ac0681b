import type { Call, CallRecord, StandInState, Usage, UsageEntry } from './api-types';

/** What a run left behind, from the service's API and from the stand-in's own record. */
export interface Evidence {
  /** The calls that the service accepted in this run. */
  readonly expected: readonly { readonly id: string; readonly number: string }[];
  /** Of the user: all calls, their history, and the allowance with every line that its period has in the ledger. */
  readonly calls: readonly Call[];
  readonly records: readonly CallRecord[];
  readonly usage: Usage;
  readonly entries: readonly UsageEntry[];
  /** The numbers of all users' calls. */
  readonly knownNumbers: readonly string[];
  readonly standIn: StandInState;
  readonly concurrencyLimit: number;
}

const ENDED = ['completed', 'failed', 'canceled'];
/** A call that failed for one of these reasons was never placed. */
const NEVER_PLACED = ['quota_exceeded', 'no_provider', 'template_gone', 'user_inactive', 'invalid_variables'];
const SECONDS_PER_MINUTE = 60;

/** Every promise that was broken, in words; none when all were kept. */
export function problemsOf(evidence: Evidence): readonly string[] {
  return [
    ...evidence.expected.flatMap((call) => problemOfCall(call, evidence)),
    ...strangers(evidence),
    ...aboveLimit(evidence),
    ...problemsOfLedger(evidence),
    ...problemsOfTotals(evidence),
  ];
}

function problemOfCall({ id, number }: Evidence['expected'][number], { calls, standIn }: Evidence): string[] {
  const call = calls.find((candidate) => candidate.id === id);
  if (!call) return [`lost: the service no longer knows call ${id} to ${number}`];
  if (!ENDED.includes(call.status)) return [`not ended: the call to ${number} is still ${call.status}`];
  const dials = standIn.dialsByNumber[number] ?? 0;
  if (dials > 1) return [`doubled: ${number} was dialed ${dials} times`];
  if (dials < 1 && !NEVER_PLACED.includes(call.failure?.code ?? '')) return [`lost: ${number} was never dialed`];
  return [];
}

function strangers({ standIn, knownNumbers }: Evidence): string[] {
  return Object.keys(standIn.dialsByNumber)
    .filter((number) => !knownNumbers.includes(number))
    .map((number) => `unasked: ${number} was dialed, but nobody queued a call to it`);
}

function aboveLimit({ standIn: { maxLiveCalls }, concurrencyLimit }: Evidence): string[] {
  if (maxLiveCalls <= concurrencyLimit) return [];
  return [`above the limit: ${maxLiveCalls} calls were under way at once, ${concurrencyLimit} are allowed`];
}

/** Each attempt reserved once and gave back once, and each call cost the minutes that it lasted, rounded up. */
function problemsOfLedger({ entries, records }: Evidence): string[] {
  const attempts = new Map<string, UsageEntry[]>();
  for (const entry of entries) attempts.set(entry.attemptId, [...(attempts.get(entry.attemptId) ?? []), entry]);
  return [...attempts.values()].flatMap((lines) => [...problemOfAttempt(lines), ...problemOfMinutes(lines, records)]);
}

function problemOfAttempt(lines: readonly UsageEntry[]): string[] {
  const count = (...kinds: readonly string[]): number => lines.filter(({ kind }) => kinds.includes(kind)).length;
  if (count('reserve') === 1 && count('settle', 'release') === 1) return [];
  const kinds = lines.map(({ kind }) => kind).join(', ');
  return [`ledger: attempt ${lines[0]?.attemptId ?? ''} has the lines ${kinds}`];
}

function problemOfMinutes(lines: readonly UsageEntry[], records: readonly CallRecord[]): string[] {
  const settled = lines.find(({ kind }) => kind === 'settle');
  if (!settled) return [];
  const seconds = records.find(({ callQueueId }) => callQueueId === settled.callQueueId)?.durationSeconds ?? 0;
  const reserved = lines.find(({ kind }) => kind === 'reserve')?.minutes ?? 0;
  if (settled.minutes === Math.min(Math.ceil(seconds / SECONDS_PER_MINUTE), reserved)) return [];
  return [`ledger: attempt ${settled.attemptId} was charged ${settled.minutes} minutes for ${seconds} seconds`];
}

/** The sums that the service shows are the sums of the lines. */
function problemsOfTotals({ entries, usage }: Evidence): string[] {
  const used = entries.filter(
    ({ kind, createdAt }) => kind !== 'reserve' && kind !== 'release' && createdAt >= usage.periodStart,
  );
  const calls = used.reduce((sum, line) => sum + line.calls, 0);
  const minutes = used.reduce((sum, line) => sum + line.minutes, 0);
  return [
    ...differing('calls used', usage.callsUsed, calls),
    ...differing('minutes used', usage.minutesUsed, minutes),
    ...differing('calls reserved', usage.callsReserved, 0),
    ...differing('minutes reserved', usage.minutesReserved, 0),
    ...differing('calls remaining', usage.callsRemaining, usage.callsLimit === null ? null : usage.callsLimit - calls),
    ...differing(
      'minutes remaining',
      usage.minutesRemaining,
      usage.minutesLimit === null ? null : usage.minutesLimit - minutes,
    ),
  ];
}

function differing(what: string, shown: number | null, due: number | null): string[] {
  return shown === due ? [] : [`ledger: ${what} is shown as ${String(shown)}, and should be ${String(due)}`];
}

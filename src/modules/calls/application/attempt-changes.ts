import { CallEnded } from '../public/call-ended.event';
import { CallMeasured } from '../public/call-measured.event';
import { CallOutcomeCorrected } from '../public/call-outcome-corrected.event';
import { CallPlaced } from '../public/call-placed.event';
import { CallRefused } from '../public/call-refused.event';
import { CallReported } from '../public/call-reported.event';
import { isTerminal } from '../domain/call-status';
import { QueuedCallLetGo } from '../public/queued-call-let-go.event';
import { CallOver, SecondCallSuspected } from './observed-facts';
import type { AttemptChange, CallChange, LockedAttempt } from './ports/attempts.port';

/** What one piece of news changes about an attempt and its call, and what the others hear of it. */
export interface AttemptChanges {
  readonly attempt?: AttemptChange;
  readonly call?: CallChange;
  /** What becomes of the attempt's reservation, if anything does now. Each kind is one call of the ledger. */
  readonly reservation?: {
    readonly attemptId: string;
    readonly becomes: 'refused' | 'unused' | 'used' | 'measured';
  };
  readonly events: readonly object[];
}

/** One change for each id: what comes later counts. */
export function together<Change extends { readonly id: string }>(changes: readonly Change[]): readonly Change[] {
  const merged = new Map<string, Change>();
  for (const change of changes) merged.set(change.id, { ...merged.get(change.id), ...change });
  return [...merged.values()];
}

export const NO_CHANGES: AttemptChanges = { events: [] };

/** History comes before usage, so that locks are taken in one order everywhere. */
const ORDER = [
  CallPlaced,
  CallReported,
  CallEnded,
  CallMeasured,
  CallOutcomeCorrected,
  CallRefused,
  SecondCallSuspected,
] as const;

/** All events, every kind after the one that must come before it for any attempt. */
export function eventsInOrder(locked: readonly LockedAttempt[], changes: readonly AttemptChanges[]): readonly object[] {
  const letGo = locked.filter(({ call }) => call.status === 'queued');
  const events = changes.flatMap((change) => change.events);
  return [
    ...letGo.map(({ callQueueId }) => new QueuedCallLetGo(callQueueId)),
    ...ORDER.flatMap((type) => events.filter((event) => event instanceof type)),
    ...changes.flatMap(callOver),
  ];
}

function callOver({ attempt, call }: AttemptChanges): readonly CallOver[] {
  if (!call || !isTerminal(call.status)) return [];
  return [new CallOver(call.status, call.failure?.code ?? attempt?.outcome ?? call.status)];
}

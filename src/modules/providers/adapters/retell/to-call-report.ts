import type { CallProgress, CallReport } from '../../public/call-provider.port';
import { storableDate, storableMicros, storableSeconds } from '../../domain/storable';
import { type Gaps, withoutGaps } from '../../domain/without-gaps';
import type { RetellCall, RetellWebhook } from './retell.wire';
import { isNeverConnected, toOutcome } from './to-outcome';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MAX_REASON_LENGTH = 200;
const CENTS_PER_DOLLAR = 100;

const PROGRESS: Readonly<Record<string, CallProgress>> = {
  registered: 'queued',
  ongoing: 'in-progress',
  ended: 'ended',
  not_connected: 'ended',
  error: 'ended',
};

const EVENTS: Readonly<Record<string, CallProgress>> = {
  call_started: 'in-progress',
  call_ended: 'ended',
  call_analyzed: 'ended',
};

/** A call as it is read. An unknown status says only that the call exists, unless there is a sign of its end. */
export function callToReport(call: RetellCall): CallReport {
  const hasEnded = (call.disconnection_reason ?? call.end_timestamp) !== undefined;
  return toReport(call, progressIn(PROGRESS, call.call_status) ?? (hasEnded ? 'ended' : 'queued'));
}

/** A webhook; undefined for events that tell nothing about a call's course. The event counts, not the status inside. */
export function webhookToReport({ event, call, event_timestamp: sentAt }: RetellWebhook): CallReport | undefined {
  const progress = progressIn(EVENTS, event);
  if (progress === undefined) return undefined;
  const report = toReport(call, progress);
  if (event !== 'call_ended' || report.endedAt !== undefined) return report;
  // Calls that were never connected name no end; this event follows it at once.
  return withoutGaps<CallReport>({ ...report, endedAt: storableDate(sentAt) });
}

/** The attempt's id from the metadata; what is no UUID was put there by somebody else. */
export function attemptIdOf({ metadata }: RetellCall): string | undefined {
  return uuid(metadata?.attemptId);
}

/** Our provider's id, likewise. */
export function providerIdOf({ metadata }: RetellCall): string | undefined {
  return uuid(metadata?.providerId);
}

function uuid(told: string | undefined): string | undefined {
  return told !== undefined && UUID.test(told) ? told.toLowerCase() : undefined;
}

function toReport(call: RetellCall, progress: CallProgress): CallReport {
  const startedAt = progress === 'in-progress' ? storableDate(call.start_timestamp) : undefined;
  return withoutGaps<CallReport>({
    providerCallId: call.call_id,
    attemptId: attemptIdOf(call),
    callId: uuid(call.metadata?.callId),
    ...(progress === 'ended' ? ended(call) : { progress, startedAt }),
  });
}

function ended(call: RetellCall): Omit<Gaps<CallReport>, 'providerCallId'> {
  const { disconnection_reason: reason, call_status: status, call_analysis: analysis } = call;
  const isConnected = !isNeverConnected({ reason, status });
  const told = isConnected ? toldSeconds(call) : 0;
  const circumstances = { wasConnected: (told ?? 0) > 0, wasMachine: analysis?.in_voicemail === true };
  const outcome = toOutcome({ reason, status }, circumstances);
  // Stopped or broken without a start: nobody can have been on the line.
  const isBrokenOff = ['canceled', 'provider_error', 'account', 'config'].includes(outcome);
  return {
    progress: 'ended',
    outcome,
    endedReason: reason?.slice(0, MAX_REASON_LENGTH),
    startedAt: isConnected ? storableDate(call.start_timestamp) : undefined,
    endedAt: storableDate(call.end_timestamp),
    durationSeconds: told ?? (isBrokenOff && call.start_timestamp === undefined ? 0 : undefined),
    ...costOf(call),
    ...contentOf(call),
  };
}

function toldSeconds({ duration_ms: durationMs, start_timestamp: start, end_timestamp: end }: RetellCall) {
  if (durationMs !== undefined) return storableSeconds(durationMs / 1000);
  return start === undefined || end === undefined ? undefined : storableSeconds((end - start) / 1000);
}

/** Retell counts in cents. */
function costOf({ call_cost: told }: RetellCall) {
  const cents = told?.combined_cost ?? told?.product_costs?.reduce((sum, { cost }) => sum + cost, 0);
  const costMicros = cents === undefined ? undefined : storableMicros(cents / CENTS_PER_DOLLAR);
  return { costMicros, currency: costMicros === undefined ? undefined : 'USD' };
}

/** An empty transcript belongs to a call without a conversation. */
function contentOf({ transcript, call_analysis: analysis, ...call }: RetellCall) {
  const summary = analysis?.call_summary;
  return {
    transcript: transcript === '' ? undefined : transcript,
    summary: typeof summary === 'string' && summary !== '' ? summary : undefined,
    analysis: analysis === undefined || Object.keys(analysis).length === 0 ? undefined : analysis,
    recordingUrl: call.recording_url ?? call.scrubbed_recording_url,
  };
}

function progressIn(table: Readonly<Record<string, CallProgress>>, word = ''): CallProgress | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

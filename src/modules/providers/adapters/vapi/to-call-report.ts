import type { CallProgress, CallReport } from '../../public/call-provider.port';
import { storableDate, storableMicros, storableSeconds } from '../../domain/storable';
import { type Gaps, withoutGaps } from '../../domain/without-gaps';
import { isNeverConnected, toOutcome } from './to-outcome';
import type { VapiCall, VapiMessage } from './vapi.wire';

/** What of a report is told about a call that is over. */
type Ending = Omit<VapiCall, 'id' | 'status' | 'monitor' | 'createdAt' | 'phoneNumberId' | 'assistantId'>;

/** Whether more will be told of the call, or this is all. */
type Certainty = 'first-word' | 'final';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MAX_REASON_LENGTH = 200;

const PROGRESS: Readonly<Record<string, CallProgress>> = {
  scheduled: 'queued',
  queued: 'queued',
  ringing: 'ringing',
  'in-progress': 'in-progress',
  // The recipient is being connected to somebody else: the line is still taken.
  forwarding: 'in-progress',
  ended: 'ended',
};

/** A call as GET answers it. An unknown status says only that the call exists, unless there is a sign of its end. */
export function callToReport(call: VapiCall): CallReport {
  const told = call.status === undefined ? undefined : PROGRESS[call.status];
  const hasEnded = told === undefined && (call.endedReason ?? call.endedAt) !== undefined;
  return withoutGaps<CallReport>({
    providerCallId: call.id,
    attemptId: attemptIdOf(call),
    callId: callIdOf(call),
    ...(told === 'ended' || hasEnded
      ? ended(call, 'final')
      : { progress: told ?? 'queued', startedAt: told === 'in-progress' ? storableDate(call.startedAt) : undefined }),
  });
}

/** A webhook; undefined for messages that tell nothing about a call's course. */
export function messageToReport(message: VapiMessage): CallReport | undefined {
  const { timestamp } = message;
  const common = idsOf(message);
  if (message.type === 'end-of-call-report') {
    return withoutGaps<CallReport>({ ...common, ...ended(message, 'final', timestamp) });
  }
  if (message.type !== 'status-update') return undefined;
  const progress = PROGRESS[message.status ?? ''] ?? 'queued';
  // An end without its reason proves the call, but decides nothing: the report that follows knows how it ended.
  if (progress === 'ended' && message.endedReason === undefined)
    return withoutGaps<CallReport>({ ...common, progress: 'queued' });
  // The report that follows an ended status knows more: what this one leaves out is not certain yet.
  if (progress === 'ended') return withoutGaps<CallReport>({ ...common, ...ended(message, 'first-word', timestamp) });
  return withoutGaps<CallReport>({ ...common, progress });
}

function idsOf({ call, customer, assistant }: VapiMessage) {
  const metadata = assistant?.metadata;
  return {
    providerCallId: call.id,
    attemptId: attemptIdOf(call) ?? attemptIdOf({ customer, metadata }),
    callId: callIdOf(call) ?? callIdOf({ metadata }),
  };
}

/** The attempt's id from wherever it came back; what is no UUID was put there by somebody else. */
export function attemptIdOf(
  call: Pick<VapiCall, 'name' | 'customer' | 'assistantOverrides' | 'metadata'>,
): string | undefined {
  const candidates = [
    call.assistantOverrides?.metadata?.attemptId,
    call.metadata?.attemptId,
    call.customer?.externalId,
    call.name,
  ];
  return uuidAmong(candidates);
}

/** Our call's id from wherever the metadata came back. */
function callIdOf(call: Pick<VapiCall, 'assistantOverrides' | 'metadata'>): string | undefined {
  return uuidAmong([call.assistantOverrides?.metadata?.callId, call.metadata?.callId]);
}

/** Our provider's id, likewise. */
export function providerIdOf(call: Pick<VapiCall, 'assistantOverrides' | 'metadata'>): string | undefined {
  return uuidAmong([call.assistantOverrides?.metadata?.providerId, call.metadata?.providerId]);
}

function uuidAmong(candidates: readonly (string | undefined)[]): string | undefined {
  return candidates.find((candidate) => candidate !== undefined && UUID.test(candidate))?.toLowerCase();
}

/** The time of a message stands in for the end where no better one is told. */
function ended(
  ending: Ending,
  certainty: Certainty,
  messageTimestamp?: number,
): Omit<Gaps<CallReport>, 'providerCallId'> {
  const { endedReason } = ending;
  const isConnected = !isNeverConnected(endedReason);
  return {
    progress: 'ended',
    outcome: toOutcome(endedReason),
    endedReason: endedReason?.slice(0, MAX_REASON_LENGTH),
    startedAt: isConnected ? storableDate(ending.startedAt) : undefined,
    endedAt: storableDate(ending.endedAt) ?? storableDate(messageTimestamp),
    durationSeconds: isConnected ? connectedSeconds(ending, certainty) : 0,
    ...costOf(ending),
    ...contentOf(ending),
  };
}

function recordingOf(artifact: Ending['artifact']): string | undefined {
  return artifact?.recordingUrl ?? artifact?.recording?.mono?.combinedUrl;
}

/** The newer places first, then what is only seen at the top. */
function contentOf({ artifact, analysis, ...top }: Ending) {
  return {
    transcript: artifact?.transcript ?? top.transcript,
    summary: typeof analysis?.summary === 'string' ? analysis.summary : top.summary,
    analysis: isEmpty(analysis) ? undefined : analysis,
    recordingUrl: recordingOf(artifact) ?? top.recordingUrl,
  };
}

/** From the moments if both are told, else from what the wild has seen at message level. */
function connectedSeconds(ending: Ending, certainty: Certainty): number | undefined {
  const startedAt = storableDate(ending.startedAt);
  const endedAt = storableDate(ending.endedAt);
  if (startedAt && endedAt) return storableSeconds((endedAt.getTime() - startedAt.getTime()) / 1000);
  const { durationSeconds, durationMs, durationMinutes } = ending;
  const told = durationSeconds ?? times(durationMs, 0.001) ?? times(durationMinutes, 60);
  if (told !== undefined) return storableSeconds(told);
  // Stopped or broken before anybody was connected: the last word on such a call has no start.
  const outcome = toOutcome(ending.endedReason);
  const isOver = certainty === 'final' && startedAt === undefined;
  return isOver && (outcome === 'canceled' || outcome === 'provider_error') ? 0 : undefined;
}

function costOf({ cost, costs, costBreakdown }: Ending) {
  const costMicros = storableMicros(cost ?? costBreakdown?.total ?? costs?.reduce((sum, item) => sum + item.cost, 0));
  return { costMicros, currency: costMicros === undefined ? undefined : 'USD' };
}

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

function isEmpty(value: object | undefined): boolean {
  return value === undefined || Object.keys(value).length === 0;
}

import type { CallProgress } from '../../../providers/public/call-provider.port';
import type { PlacementAnswer, ProviderReport } from '../../application/news';
import type { NewsRecorded } from '../../application/news-recorded.event';

type Report = ProviderReport['report'];
type Changes = NewsRecorded['changes'];
type Fields = Readonly<Record<string, unknown>>;

/** One line of a call's story. `event` is stable: people search and count by it. */
export interface CallLine {
  readonly level: 'debug' | 'log' | 'warn';
  readonly event: string;
  readonly text: string;
  readonly fields?: Fields;
}

const PROGRESS: Readonly<Record<Exclude<CallProgress, 'ended'>, readonly [event: string, text: string]>> = {
  queued: ['attempt.queued', 'The vendor has queued the call'],
  ringing: ['attempt.ringing', 'It rings'],
  'in-progress': ['attempt.in_progress', 'Somebody or something has answered'],
};

/** How the log tells what a vendor answered or reported; undefined where another line tells it. */
export function lineOfNews(recorded: NewsRecorded): CallLine | undefined {
  const { news } = recorded;
  return news.kind === 'answer' ? ofAnswer(news, recorded) : ofReport(news, recorded);
}

function ofAnswer({ result }: PlacementAnswer, { attempt, changes }: NewsRecorded): CallLine | undefined {
  if (!changes.attempt) return result.kind === 'accepted' ? confirmed(attempt.providerCallId, result) : undefined;
  if (result.kind === 'accepted') {
    const { providerCallId } = result;
    return { level: 'log', event: 'attempt.accepted', text: 'The vendor has accepted it', fields: { providerCallId } };
  }
  if (result.kind === 'unknown') {
    const text = 'Nobody knows whether the vendor has placed it: it will be looked up';
    return { level: 'warn', event: 'attempt.unknown', text, fields: { reason: result.cause } };
  }
  const fields = { reason: result.refusal, ...becomes(changes) };
  return { level: 'log', event: 'attempt.refused', text: 'The vendor has refused it', fields };
}

/** A webhook was faster than the answer to the request, or an earlier try has committed. */
function confirmed(
  known: string | null,
  { providerCallId }: { readonly providerCallId: string },
): CallLine | undefined {
  if (known !== providerCallId) return undefined;
  const text = 'The answer says what is known already';
  return { level: 'log', event: 'attempt.confirmed', text, fields: { providerCallId } };
}

function ofReport({ report, story }: ProviderReport, recorded: NewsRecorded): CallLine {
  const fields = { providerCallId: report.providerCallId, source: story?.name };
  const { changes } = recorded;
  if (changes.attempt?.state === 'ended') return ended(report, changes, fields);
  return (
    proven(report, changes, fields) ??
    corrected(changes, fields) ??
    measured(report, changes, fields) ??
    progressed(recorded, fields)
  );
}

function proven({ progress }: Report, changes: Changes, fields: Fields): CallLine | undefined {
  if (changes.attempt?.providerCallId === undefined) return undefined;
  const text = 'A report proves that the vendor has placed it';
  return { level: 'log', event: 'attempt.adopted', text, fields: { ...fields, progress, ...becomes(changes) } };
}

function corrected({ attempt }: Changes, fields: Fields): CallLine | undefined {
  if (attempt?.outcome === undefined) return undefined;
  const text = 'It had ended in another way than was told first';
  return { level: 'log', event: 'attempt.corrected', text, fields: { ...fields, outcome: attempt.outcome } };
}

/** The end was told without it. */
function measured({ durationSeconds }: Report, { attempt }: Changes, fields: Fields): CallLine | undefined {
  if (attempt?.isSettled !== true) return undefined;
  const text = 'The vendor has told how long it was connected';
  return { level: 'log', event: 'attempt.measured', text, fields: { ...fields, durationSeconds } };
}

function progressed({ attempt, changes }: NewsRecorded, fields: Fields): CallLine {
  const progress = changes.attempt?.progress ?? attempt.progress;
  if (progress === attempt.progress || progress === null || progress === 'ended')
    return { level: 'debug', event: 'attempt.reported', text: 'The vendor has told nothing new', fields };
  const [event, text] = PROGRESS[progress];
  return { level: 'log', event, text, fields };
}

function ended({ durationSeconds }: Report, changes: Changes, fields: Fields): CallLine {
  const isBack = changes.call?.status === 'queued';
  return {
    level: isBack ? 'warn' : 'log',
    event: 'attempt.ended',
    text: isBack ? 'It was accepted and ended before it rang; its call is back in the queue' : 'It has ended',
    fields: { ...fields, outcome: changes.attempt?.outcome, durationSeconds, ...becomes(changes) },
  };
}

/** What has become of the call. */
function becomes({ call }: Changes): Fields {
  if (!call) return {};
  return { callStatus: call.status, ...(call.failure ? { code: call.failure.code } : {}) };
}

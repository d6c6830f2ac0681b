import type { HttpExchange } from '../../../../shared/http-client/exchange';
import { readJson } from '../../../../shared/http-client/read-json';
import { toDetail } from '../../domain/to-detail';
import type { PlaceResult, Refusal } from '../../public/call-provider.port';
import { RetellCreatedCall, RetellError } from './retell.wire';

type Answer = Extract<HttpExchange, { kind: 'answered' }>;

/**
 * Retell counts a thousand placements in ten seconds, but also sixty refusals in a minute; the second limit is the one
 * that a caller meets. It names no time, so a whole minute passes before the next try.
 */
const RATE_LIMIT_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 3_600_000;

/** 499: a proxy gave up waiting for Retell, which may have gone on. */
const UNPROVEN_STATUSES: ReadonlySet<number> = new Set([408, 499]);

/** Clear whatever the text. */
const STATUSES: Readonly<Record<number, Refusal>> = { 401: 'account', 402: 'account', 403: 'account' };

/** The order matters: a text about the recipient's number may also name ours, and one about ours an agent. */
const TEXTS: readonly (readonly [RegExp, Refusal])[] = [
  [/concurren/i, 'concurrency'],
  [/\bto_number\b|\bdestination\b|\bcountr(y|ies)\b|\binternational\b/i, 'destination'],
  [/\bfrom_number\b|\bphone[- _]number\b/i, 'line'],
  // What we ask of the agent for this one call, and not which agent it is.
  [/\bagent_override\b/i, 'request'],
  [/agent(_id|_version)?\b/i, 'agent'],
  [/payment|billing|\bcredits?\b|\btrial\b/i, 'account'],
  [/\bE\.?164\b/i, 'destination'],
];

/** What the answer to POST /v2/create-phone-call proves. `secrets` never appear in a detail. */
export function classifyAnswer(exchange: HttpExchange, secrets: readonly string[]): PlaceResult {
  switch (exchange.kind) {
    case 'not-sent':
      return { kind: 'refused', refusal: 'unreachable', detail: `Retell could not be reached (${exchange.detail}).` };
    case 'no-answer':
      return { kind: 'unknown', cause: exchange.cause === 'too-large' ? 'bad_answer' : exchange.cause };
    case 'answered':
      return classifyStatus(exchange, secrets);
  }
}

function classifyStatus(answer: Answer, secrets: readonly string[]): PlaceResult {
  const { status } = answer;
  if (status >= 500) return { kind: 'unknown', cause: 'server_error' };
  if (UNPROVEN_STATUSES.has(status)) return { kind: 'unknown', cause: 'timeout' };
  if (status >= 400) return refused(answer, secrets);
  // We follow no redirect, so nothing was placed: the account's address is wrong, and with it every call.
  if (status >= 300) return { kind: 'refused', refusal: 'account', detail: `Retell's address redirects (${status}).` };
  const created = RetellCreatedCall.safeParse(readJson(answer.body));
  return created.success
    ? { kind: 'accepted', providerCallId: created.data.call_id }
    : { kind: 'unknown', cause: 'bad_answer' };
}

function refused(answer: Answer, secrets: readonly string[]): PlaceResult {
  const message = messageOf(answer);
  const refusal = refusalOf(answer.status, message);
  return {
    kind: 'refused',
    refusal,
    detail: toDetail(`Retell answered ${answer.status}: ${message ?? 'no readable reason'}`, secrets),
    ...(refusal === 'rate_limit' && { retryAfterMs: pauseOf(answer) }),
  };
}

function refusalOf(status: number, message: string | undefined): Refusal {
  const byStatus = STATUSES[status];
  if (byStatus !== undefined) return byStatus;
  if (isElsewhere(status, message)) return 'account';
  const byText = TEXTS.find(([pattern]) => pattern.test(message ?? ''))?.[1];
  if (status === 429) return byText === 'concurrency' ? byText : 'rate_limit';
  // What the key has no access to, while the numbers have texts of their own.
  return byText ?? (status === 422 ? 'agent' : 'request');
}

/** Nothing at this address speaks Retell's language; the call itself is not at fault. */
function isElsewhere(status: number, message: string | undefined): boolean {
  return status === 405 || (status === 404 && (message === undefined || /^cannot post\b/i.test(message)));
}

/** Retell sends no `Retry-After` today; should it begin to, it is right. */
function pauseOf({ headers }: Answer): number {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return seconds > 0 ? Math.min(Math.ceil(seconds * 1000), MAX_PAUSE_MS) : RATE_LIMIT_PAUSE_MS;
}

function messageOf(answer: Answer): string | undefined {
  const read = RetellError.safeParse(readJson(answer.body));
  return read.success ? (read.data.message ?? read.data.error_message) : undefined;
}

import type { HttpExchange } from '../../../../shared/http-client/exchange';
import type { PlaceResult, Refusal } from '../../public/call-provider.port';
import { readJson } from '../../../../shared/http-client/read-json';
import { toDetail } from '../../domain/to-detail';
import { VapiCreatedCall, VapiError } from './vapi.wire';

type Answer = Extract<HttpExchange, { kind: 'answered' }>;

const MINUTE_MS = 60_000;

/** 499: a proxy gave up waiting for Vapi, which may have gone on. */
const UNPROVEN_STATUSES: ReadonlySet<number> = new Set([408, 499]);

/**
 * Vapi answers most refusals with 400 and tells them apart by text only. The order matters: the recipient's number is
 * called a phone number, too.
 */
const TEXTS: readonly (readonly [RegExp, Refusal])[] = [
  [/concurren/i, 'concurrency'],
  [/customer\.number\b|\bE\.?164\b/i, 'destination'],
  [/phoneNumber(Id)?\b|daily outbound call limit|\binternational\b/i, 'line'],
  [/credit|billing|subscription|wallet|frozen|payment/i, 'account'],
  [/\bassistant(Id|Version)?\b/i, 'agent'],
];

const STATUSES: Readonly<Record<number, Refusal>> = {
  401: 'account',
  402: 'account',
  403: 'account',
  429: 'rate_limit',
};

/** What the answer to POST /call proves. `secrets` never appear in a detail. */
export function classifyAnswer(exchange: HttpExchange, secrets: readonly string[], now: Date): PlaceResult {
  switch (exchange.kind) {
    case 'not-sent':
      return { kind: 'refused', refusal: 'unreachable', detail: `Vapi could not be reached (${exchange.detail}).` };
    case 'no-answer':
      return { kind: 'unknown', cause: exchange.cause === 'too-large' ? 'bad_answer' : exchange.cause };
    case 'answered':
      return classifyStatus(exchange, secrets, now);
  }
}

function classifyStatus(answer: Answer, secrets: readonly string[], now: Date): PlaceResult {
  const { status } = answer;
  if (status >= 500) return { kind: 'unknown', cause: 'server_error' };
  if (UNPROVEN_STATUSES.has(status)) return { kind: 'unknown', cause: 'timeout' };
  if (status >= 400) return refused(answer, secrets, now);
  // We follow no redirect, so nothing was placed: the account's address is wrong, and with it every call.
  if (status >= 300) return { kind: 'refused', refusal: 'account', detail: `Vapi's address redirects (${status}).` };
  const created = VapiCreatedCall.safeParse(readJson(answer.body));
  return created.success
    ? { kind: 'accepted', providerCallId: created.data.id }
    : { kind: 'unknown', cause: 'bad_answer' };
}

function refused(answer: Answer, secrets: readonly string[], now: Date): PlaceResult {
  const message = messageOf(answer);
  const refusal = refusalOf(answer.status, message);
  return {
    kind: 'refused',
    refusal,
    detail: toDetail(`Vapi answered ${answer.status}: ${message}`, secrets),
    ...(refusal === 'rate_limit' && { retryAfterMs: untilNextMinute(now) }),
  };
}

function refusalOf(status: number, message: string): Refusal {
  if (status === 401) return 'account';
  const byText = TEXTS.find(([pattern]) => pattern.test(message))?.[1];
  // These two are clear whatever the status; with the statuses below, nothing else in the text counts.
  if (byText === 'concurrency' || byText === 'line') return byText;
  const byStatus = STATUSES[status];
  if (byStatus !== undefined) return byStatus;
  // Nothing at this address speaks Vapi's language; the call itself is not at fault.
  if (status === 405 || /^cannot post\b/i.test(message)) return 'account';
  return byText ?? 'request';
}

/** Vapi counts requests per minute of the clock and names no time: the next minute is a new one. */
function untilNextMinute(now: Date): number {
  return MINUTE_MS - (now.getTime() % MINUTE_MS);
}

function messageOf(answer: Answer): string {
  const read = VapiError.safeParse(readJson(answer.body));
  if (!read.success) return 'no readable reason';
  const { message, error } = read.data;
  return (Array.isArray(message) ? message.join('; ') : message) ?? error ?? 'no reason given';
}

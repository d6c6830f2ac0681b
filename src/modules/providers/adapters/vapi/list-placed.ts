import { e164 } from '../../domain/e164';
import { storableDate } from '../../domain/storable';
import { withoutGaps } from '../../domain/without-gaps';
import type { PlacedCall, PlacedCallsPage } from '../../public/call-provider.port';
import { attemptIdOf, callToReport, providerIdOf } from './to-call-report';
import type { VapiApi } from './vapi-api';
import { VapiCall } from './vapi.wire';

/** What Vapi gives by itself. Calls come with their transcripts, so that a page of the most allowed might be too large. */
const PAGE_SIZE = 100;

/** What a date leaves out of a time. */
const FRACTION_OF_A_MILLISECOND = /\.\d{3}0*[1-9]/;

/**
 * One page of the account's calls, the newest first, of which those that carry an attempt's id are told. Vapi has no
 * cursor: a page ends at a moment, and the next one begins at it, that moment included, so that nothing is missed. Should
 * a full page not go back in time, its end says nothing of what is left out.
 */
export async function listPlaced(api: VapiApi, since: Date, until: string | undefined): Promise<PlacedCallsPage> {
  const bounds = { createdAtGe: since.toISOString(), ...(until !== undefined && { createdAtLe: until }) };
  const read = await api.get('/call', { ...bounds, limit: PAGE_SIZE });
  if (read.kind === 'failed') return { kind: 'unavailable', detail: read.detail };
  if (read.kind === 'not-found' || !Array.isArray(read.body)) return unavailable('answered no list');
  const items: readonly unknown[] = read.body;
  const calls = items.flatMap((item) => toPlacedCall(VapiCall.safeParse(item).data));
  if (items.length < PAGE_SIZE) return { kind: 'page', calls, next: null };
  if (!isNewestFirst(items)) return unavailable('answered a list that is not the newest first');
  const next = createdAtOf(items.at(-1));
  if (next === undefined) return unavailable('answered a list without times');
  // A page of a single moment leads nowhere; taking it for the last would leave calls out.
  if (next === until) return unavailable(`has more than ${PAGE_SIZE} calls of one moment`);
  return { kind: 'page', calls, next };
}

/** None for a call that carries no attempt's id. */
export function toPlacedCall(call: VapiCall | undefined): readonly PlacedCall[] {
  const attemptId = call && attemptIdOf(call);
  if (call === undefined || attemptId === undefined) return [];
  return [
    withoutGaps<PlacedCall>({
      attemptId,
      providerId: providerIdOf(call),
      to: e164(call.customer?.number),
      fromExternalId: call.phoneNumberId,
      assistantExternalId: call.assistantId,
      createdAt: storableDate(call.createdAt),
      report: callToReport(call),
    }),
  ];
}

/**
 * Of whatever the last item is: one that is no call of ours still ends the page. A begun millisecond counts, so that the
 * next page has everything of it.
 */
function createdAtOf(item: unknown): string | undefined {
  const told = toldTimeOf(item);
  const date = storableDate(told);
  if (told === undefined || date === undefined) return undefined;
  return new Date(date.getTime() + (FRACTION_OF_A_MILLISECOND.test(told) ? 1 : 0)).toISOString();
}

function isNewestFirst(items: readonly unknown[]): boolean {
  const times = items.flatMap((item) => storableDate(toldTimeOf(item))?.getTime() ?? []);
  return times.every((time, index) => time <= (times[index - 1] ?? time));
}

function toldTimeOf(item: unknown): string | undefined {
  const told = typeof item === 'object' && item !== null && 'createdAt' in item ? item.createdAt : undefined;
  return typeof told === 'string' ? told : undefined;
}

function unavailable(what: string): PlacedCallsPage {
  return { kind: 'unavailable', detail: `Vapi ${what}.` };
}

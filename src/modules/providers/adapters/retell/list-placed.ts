import type { CallListParams } from 'retell-sdk/resources';
import { e164 } from '../../domain/e164';
import { storableDate } from '../../domain/storable';
import { withoutGaps } from '../../domain/without-gaps';
import type { PlacedCall, PlacedCallsPage } from '../../public/call-provider.port';
import type { RetellApi } from './retell-api';
import { RetellCall, RetellPage } from './retell.wire';
import { attemptIdOf, callToReport, providerIdOf } from './to-call-report';

/** Retell allows 30 lists in ten seconds and no more than 1000 calls in each. */
const PAGE_SIZE = 100;

/**
 * One page of the calls that carry the moment of their placement. Retell cannot be asked for calls by the time they were
 * created, but by what their metadata say; so calls of any other origin are not even read.
 */
export async function listPlaced(api: RetellApi, since: Date, page: string | undefined): Promise<PlacedCallsPage> {
  const body: CallListParams = {
    filter_criteria: { metadata: [{ key: 'placedAt', type: 'number', op: 'ge', value: since.getTime() }] },
    limit: PAGE_SIZE,
    ...(page !== undefined && { pagination_key: page }),
  };
  const read = await api.ask((client) => client.call.list(body));
  if (read.kind === 'failed') return { kind: 'unavailable', detail: read.detail };
  const answered = read.kind === 'read' ? RetellPage.safeParse(read.body) : undefined;
  if (answered?.success !== true) return { kind: 'unavailable', detail: 'Retell answered no list.' };
  const { items, has_more: hasMore, pagination_key: next } = answered.data;
  const calls = items.flatMap((item) => toPlacedCall(RetellCall.safeParse(item).data));
  if (hasMore === undefined)
    return { kind: 'unavailable', detail: 'Retell answered a list without saying whether it goes on.' };
  if (!hasMore) return { kind: 'page', calls, next: null };
  if (next === undefined || next === page)
    return { kind: 'unavailable', detail: 'Retell answered a list without an end.' };
  return { kind: 'page', calls, next };
}

/** None for a call that carries no attempt's id. */
export function toPlacedCall(call: RetellCall | undefined): readonly PlacedCall[] {
  const attemptId = call && attemptIdOf(call);
  if (call === undefined || attemptId === undefined) return [];
  return [
    withoutGaps<PlacedCall>({
      attemptId,
      providerId: providerIdOf(call),
      to: e164(call.to_number),
      fromExternalId: call.from_number,
      assistantExternalId: call.agent_id,
      createdAt: storableDate(call.metadata?.placedAt),
      report: callToReport(call),
    }),
  ];
}

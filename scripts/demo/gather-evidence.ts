import type { Call, CallRecord, Usage, UsageEntry } from './api-types';
import type { Customer, Order } from './order-calls';
import type { Evidence } from './verdict';
import { readQueue, type World } from './world';

/** Reads what the service and the stand-in have to say about a run. */
export async function gatherEvidence(world: World, { client }: Customer, { accepted }: Order): Promise<Evidence> {
  const usage = await client.get<Usage>('/v1/usage');
  const entries = await client.all<UsageEntry>('/v1/usage/entries');
  return {
    expected: accepted,
    calls: await client.all<Call>('/v1/calls'),
    records: await client.all<CallRecord>('/v1/call-history'),
    usage,
    entries: entries.filter(({ createdAt }) => createdAt >= usage.periodStart),
    knownNumbers: (await world.admin.all<Call>('/v1/admin/calls')).map(({ recipientNumber }) => recipientNumber),
    standIn: await world.standIn(),
    concurrencyLimit: (await readQueue(world)).limit,
  };
}

import { listPlaced } from './list-placed';
import type { RetellApi, RetellRead } from './retell-api';
import { ATTEMPT_ID, CALL_ID, PROVIDER_ID } from './retell.fixtures';

const SINCE = new Date('2026-03-26T12:00:00.000Z');
const ours = {
  call_id: 'call_1',
  call_status: 'ongoing',
  agent_id: 'agent_1',
  from_number: '+12025550111',
  to_number: '+12025550147',
  metadata: { attemptId: ATTEMPT_ID, callId: CALL_ID, providerId: PROVIDER_ID, placedAt: SINCE.getTime() },
};

/** Retell, answering every list with the same. */
const answering = (body: unknown) => {
  const read: RetellRead = { kind: 'read', body };
  return { ask: () => Promise.resolve(read) } as unknown as RetellApi;
};
const list = (page: object) => listPlaced(answering({ items: [ours], ...page }), SINCE, 'key-1');

describe('listPlaced', () => {
  it('tells a call with its parties, its ids and its moment', async () => {
    expect(await list({ has_more: false })).toMatchObject({
      kind: 'page',
      calls: [
        {
          attemptId: ATTEMPT_ID,
          providerId: PROVIDER_ID,
          to: '+12025550147',
          fromExternalId: '+12025550111',
          assistantExternalId: 'agent_1',
          createdAt: SINCE,
          report: { providerCallId: 'call_1', callId: CALL_ID, progress: 'in-progress' },
        },
      ],
      next: null,
    });
  });

  it.each([
    ['does not say whether it goes on', { pagination_key: 'key-2' }],
    ['says so in a word', { has_more: 'false', pagination_key: 'key-2' }],
    ['goes on without a key', { has_more: true }],
    ['goes on where it began', { has_more: true, pagination_key: 'key-1' }],
  ])('does not take a page that %s for the last', async (_what, page) => {
    expect(await list(page)).toMatchObject({ kind: 'unavailable' });
  });
});

import { listPlaced } from './list-placed';
import type { VapiApi, VapiRead } from './vapi-api';
import { ATTEMPT_ID, CALL_ID, PROVIDER_ID } from './vapi.fixtures';

const SINCE = new Date('2026-03-26T12:00:00.000Z');
const MOMENT = '2026-03-26T15:43:16.145Z';

/** Answers every list with the same items. */
const answering = (...items: readonly unknown[]) => {
  const queries: unknown[] = [];
  const get = (_path: string, query: unknown): Promise<VapiRead> => {
    queries.push(query);
    return Promise.resolve({ kind: 'read', body: items });
  };
  return { api: { get } as unknown as VapiApi, queries };
};
const strangers = (count: number, createdAt: unknown = MOMENT) =>
  Array.from({ length: count }, (_, index) => ({ id: `call-${index}`, createdAt }));
const ours = {
  id: 'call-ours',
  createdAt: MOMENT,
  phoneNumberId: 'line-1',
  assistantId: 'assistant-1',
  assistantOverrides: { metadata: { attemptId: ATTEMPT_ID.toUpperCase(), callId: CALL_ID, providerId: PROVIDER_ID } },
  customer: { number: '+1 202-555-0147' },
  status: 'ringing',
};

describe('listPlaced', () => {
  it('asks for what was created since the moment, and up to where the page before ended', async () => {
    const { api, queries } = answering();
    await listPlaced(api, SINCE, undefined);
    await listPlaced(api, SINCE, MOMENT);
    const createdAtGe = SINCE.toISOString();
    expect(queries).toEqual([
      { createdAtGe, limit: 100 },
      { createdAtGe, createdAtLe: MOMENT, limit: 100 },
    ]);
  });

  it('tells of calls that carry an attempt, whatever else is in the list', async () => {
    const { api } = answering(
      ...strangers(3),
      null,
      7,
      { id: 7 },
      { ...ours, assistantOverrides: 'x', name: 'order 7' },
      ours,
    );
    expect(await listPlaced(api, SINCE, undefined)).toEqual({
      kind: 'page',
      calls: [
        {
          attemptId: ATTEMPT_ID,
          providerId: PROVIDER_ID,
          to: '+12025550147',
          fromExternalId: 'line-1',
          assistantExternalId: 'assistant-1',
          createdAt: new Date(MOMENT),
          report: { providerCallId: 'call-ours', attemptId: ATTEMPT_ID, callId: CALL_ID, progress: 'ringing' },
        },
      ],
      next: null,
    });
  });

  it('goes on where a full page ends, even if none of its calls is ours', async () => {
    const { api } = answering(...strangers(100));
    expect(await listPlaced(api, SINCE, undefined)).toEqual({ kind: 'page', calls: [], next: MOMENT });
  });

  it('begins the next page a moment later where a time is finer than the moments it can ask for', async () => {
    const fine = '2026-03-26T15:43:16.145001Z';
    const { api } = answering(...strangers(99), { id: 'last', createdAt: fine });
    expect(await listPlaced(api, SINCE, undefined)).toMatchObject({ next: '2026-03-26T15:43:16.146Z' });
  });

  it.each([
    [
      'is not the newest first',
      [...strangers(99), { id: 'later', createdAt: '2026-03-26T15:43:16.146Z' }],
      /newest first/,
    ],
    ['ends where it began', strangers(100), /more than 100 calls of one moment/],
    ['names no times', strangers(100, null), /without times/],
    ['is none', undefined, /no list/],
  ])('does not take a full page that %s for the last', async (_, items, detail) => {
    const { api } = items ? answering(...items) : { api: answering().api };
    if (!items) api.get = () => Promise.resolve({ kind: 'read', body: { results: [] } });
    expect(await listPlaced(api, SINCE, MOMENT)).toEqual({
      kind: 'unavailable',
      detail: expect.stringMatching(detail),
    });
  });
});

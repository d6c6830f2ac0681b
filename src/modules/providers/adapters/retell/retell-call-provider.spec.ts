import { startJsonServer, type JsonRequest, type JsonServer, type Reply } from '../../../../../sandbox/kit/json-server';
import { RetellCallProvider } from './retell-call-provider';
import { ATTEMPT_ID, call, registered } from './retell.fixtures';

const QUERY = {
  attemptId: ATTEMPT_ID,
  to: '+12025550147',
  fromExternalId: '+12025550111',
  since: new Date(),
  until: new Date(),
};

describe('a Retell account', () => {
  let server: JsonServer;
  let provider: RetellCallProvider;
  let answers: Readonly<Record<string, Reply | ((request: JsonRequest) => Reply)>>;
  const asked: JsonRequest[] = [];

  beforeAll(async () => {
    server = await startJsonServer((request) => {
      asked.push(request);
      const answer = answers[`${request.method} ${request.path}`] ?? { status: 500 };
      return typeof answer === 'function' ? answer(request) : answer;
    });
    provider = new RetellCallProvider({ credentials: { apiKey: 'key' }, baseUrl: server.url });
  });
  beforeEach(() => (asked.length = 0));
  afterAll(() => server.stop());

  const answering = (next: typeof answers): void => {
    answers = next;
  };
  const ok = (body: unknown): Reply => ({ status: 200, body });

  describe('searched for a placement', () => {
    const { transcript, ...listed } = call();

    it('is asked by the metadata alone, and an ended call is read whole', async () => {
      answering({
        'POST /v3/list-calls': ok({
          items: [{ ...listed, call_id: 'call_other', metadata: {} }, listed],
          has_more: false,
        }),
        'GET /v2/get-call/call_1234567890abcdef': ok(call()),
      });
      expect(await provider.findPlaced(QUERY)).toMatchObject({ kind: 'found', report: { transcript } });
      expect(asked[0]?.body).toEqual({
        filter_criteria: { metadata: [{ key: 'attemptId', type: 'string', op: 'eq', value: ATTEMPT_ID }] },
      });
    });

    it('proves the placement even when the whole call cannot be read', async () => {
      answering({ 'POST /v3/list-calls': ok({ items: [listed], has_more: false }) });
      expect(await provider.findPlaced(QUERY)).toMatchObject({ kind: 'found', report: { outcome: 'completed' } });
    });

    it('is read no further while the call is live', async () => {
      answering({ 'POST /v3/list-calls': ok({ items: [registered] }) });
      expect(await provider.findPlaced(QUERY)).toMatchObject({ kind: 'found', report: { progress: 'queued' } });
      expect(asked).toHaveLength(1);
    });

    it('is searched to the end', async () => {
      answering({
        'POST /v3/list-calls': ({ body }) =>
          (body as { pagination_key?: string }).pagination_key === 'next'
            ? ok({ items: [registered], has_more: false })
            : ok({ items: [], has_more: true, pagination_key: 'next' }),
      });
      expect(await provider.findPlaced(QUERY)).toMatchObject({ kind: 'found' });
      expect(asked).toHaveLength(2);
    });
  });

  describe('asked to hang up', () => {
    const stop = 'POST /v2/stop-call/call_1';
    const get = 'GET /v2/get-call/call_1';
    const live: Reply = ok({ ...registered, call_status: 'ongoing' });

    it.each([
      ['has stopped the call', { [stop]: { status: 204 } }, 'done', 1],
      ['knows no such call', { [stop]: { status: 422 }, [get]: { status: 422 } }, 'not-live', 2],
      ['knows no such call in another way', { [stop]: { status: 404 }, [get]: { status: 404 } }, 'not-live', 2],
      ['says that the call is over', { [stop]: { status: 400 }, [get]: ok(call()) }, 'not-live', 2],
      ['refuses although the call is live', { [stop]: { status: 400 }, [get]: live }, 'unavailable', 2],
      ['refuses and cannot say why', { [stop]: { status: 409 }, [get]: { status: 503 } }, 'unavailable', 2],
      ['has too much to do', { [stop]: { status: 429 } }, 'unavailable', 1],
      ['refuses the key', { [stop]: { status: 401 } }, 'unavailable', 1],
      ['breaks', { [stop]: { status: 500 } }, 'unavailable', 1],
      ['hangs up on us', { [stop]: 'cut' as const }, 'unavailable', 1],
    ] as const)('%s', async (_what, next, result, requests) => {
      answering(next);
      expect(await provider.endCall('call_1')).toBe(result);
      expect(asked).toHaveLength(requests);
    });
  });

  it('is asked by the vendor’s own client, and once, even where that client would ask again', async () => {
    answering({ 'GET /get-concurrency': { status: 503, headers: { 'x-should-retry': 'true', 'retry-after': '0' } } });
    await provider.verifyKey();
    expect(asked).toMatchObject([{ headers: { 'user-agent': expect.stringContaining('Retell') } }]);
  });

  it.each(['..', '.'])('is not asked for a call whose id is %j', async (id) => {
    expect(await provider.getCall(id)).toMatchObject({ kind: 'unavailable' });
    expect(asked).toEqual([]);
  });

  it('cannot be led to another address by an id', async () => {
    answering({});
    await provider.getCall('../get-concurrency?x=1#');
    expect(asked[0]?.path).toBe('/v2/get-call/..%2Fget-concurrency%3Fx=1%23');
  });

  it.each([
    [{ status: 200, body: {} }, true, 'Retell takes the key.'],
    [{ status: 401 }, false, 'Retell refuses the key.'],
    [{ status: 403 }, false, 'Retell refuses the key.'],
    [{ status: 404 }, false, "The address does not speak Retell's API."],
    [{ status: 200 }, false, 'Retell answered no JSON.'],
    [{ status: 503 }, false, 'Retell answered 503.'],
  ])('that answers %p to a check of its key: %p', async (answer, isOk, detail) => {
    answering({ 'GET /get-concurrency': answer });
    expect(await provider.verifyKey()).toEqual({ ok: isOk, detail });
  });

  it('lists the numbers that can call, each once, page after page', async () => {
    const pages = [
      ['+12025550111', 'front-desk', '+12025550112'],
      ['+12025550111', '+12025550113'],
    ];
    answering({
      'GET /v2/list-phone-numbers': ({ query }) => {
        const page = Number(query.get('pagination_key') ?? 0);
        const items = pages[page]!.map((number) => ({ phone_number: number }));
        return ok({ items, has_more: page === 0, pagination_key: '1' });
      },
    });
    const numbers = ['+12025550111', '+12025550112', '+12025550113'];
    expect(await provider.listPhoneNumbers()).toEqual(
      numbers.map((number) => ({ externalId: number, fullNumber: number, isUsable: true })),
    );
  });

  it.each([
    [['US', 'ca', 'US'], { destinations: ['US', 'CA'] }],
    [[], {}],
    [null, {}],
    [undefined, {}],
    ['US', {}],
    [['everywhere'], {}],
  ])('tells of a number that may call %p only: %p', async (countries, limits) => {
    const items = [{ phone_number: '+12025550111', allowed_outbound_country_list: countries }];
    answering({ 'GET /v2/list-phone-numbers': ok({ items, has_more: false }) });
    const number = { externalId: '+12025550111', fullNumber: '+12025550111', isUsable: true };
    expect(await provider.listPhoneNumbers()).toEqual([{ ...number, ...limits }]);
  });

  it('lists the agents that can speak, each once', async () => {
    const items = [
      { agent_id: 'agent_1', agent_name: 'Older name', channel: 'voice' },
      { agent_id: 'agent_1', agent_name: 'Reminder', channel: 'voice' },
      { agent_id: 'agent_2', agent_name: null, channel: 'voice' },
      { agent_id: 'agent_3', agent_name: '' },
      { agent_id: 'agent_4', agent_name: 'Writer', channel: 'chat' },
      { agent_name: 'Nobody' },
    ];
    answering({ 'POST /v2/list-agents': ok({ items, has_more: false }) });
    expect(await provider.listAssistants()).toEqual([
      { externalId: 'agent_1', name: 'Reminder' },
      { externalId: 'agent_2', name: 'agent_2' },
      { externalId: 'agent_3', name: 'agent_3' },
    ]);
  });
});

import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { QueueDispatcher } from '../../src/modules/calls/application/queue-dispatcher';
import { CallsWorld, type TestUser } from '../support/calls-world';
import { type Service, startService } from '../support/service';

const recipientNumber = '+12025550123';

describe('what queueing costs', () => {
  let service: Service;
  let world: CallsWorld;
  let user: TestUser;
  let templateId: string;

  beforeAll(async () => {
    service = await startService();
    world = new CallsWorld(service);
    await service.app.get(QueueDispatcher).stop();
    user = await world.subscribedUser();
    templateId = await world.template(user);
  });
  afterAll(() => service.stop());

  /** The messages to the database of the transaction that adds calls: each is a round trip. */
  async function messagesOf(work: () => Promise<unknown>): Promise<readonly string[]> {
    const query = jest.spyOn(Client.prototype, 'query');
    try {
      await work();
      const sent = query.mock.calls.map(([statement], index) => ({
        client: query.mock.contexts[index],
        text: textOf(statement),
      }));
      return transactionOf(sent);
    } finally {
      query.mockRestore();
    }
  }

  const single = { path: '/v1/calls', order: { recipientNumber } };
  const batch = { path: '/v1/calls/batch', order: { calls: Array.from({ length: 50 }, () => ({ recipientNumber })) } };
  it.each([
    { what: 'a call with a key', ...single, most: 5, headers: { 'idempotency-key': 'single' } },
    { what: 'a call', ...single, most: 5, headers: {} },
    { what: 'a batch with a key', ...batch, most: 5, headers: { 'idempotency-key': 'batch' } },
  ])('is at most $most round trips for $what', async ({ path, order, most, headers }) => {
    const messages = await messagesOf(async () => {
      const answer = await user.request('POST', path, { body: { templateId, ...order }, headers });
      expect([200, 201]).toContain(answer.status);
    });
    expect(messages).not.toHaveLength(0);
    expect(messages.slice(most)).toEqual([]);
  });

  it('is one call, however many requests with one key come at once, and one answer', async () => {
    const body = { templateId, recipientNumber: '+12025550177', customVariables: {} };
    for (let round = 0; round < 5; round += 1) {
      const headers = { 'idempotency-key': `it's ${randomUUID()}` };
      const ask = () => user.request('POST', '/v1/calls', { body, headers });
      const answers = await Promise.all(Array.from({ length: 8 }, ask));
      const done = answers.filter(({ status }) => status === 201);
      const others = answers.filter(({ status }) => status !== 201);
      expect(new Set(done.map((answer) => answer.body.id)).size).toBe(1);
      expect(others.filter((answer) => answer.body.code !== 'request.in_progress')).toEqual([]);
      expect((await ask()).body).toEqual(done[0]?.body);
    }
    const rows = await service.database.query(`select from call_queue where recipient_number = $1`, [
      body.recipientNumber,
    ]);
    expect(rows).toHaveLength(5);
  });

  it('keeps an answer whatever is in it', async () => {
    const templated = await world.template(user, { params: { text: { type: 'string' } }, paramsOrder: ['text'] });
    const text = `o'brien \\ "'; drop table call_queue; --`;
    const headers = { 'idempotency-key': `'); select '\\` };
    const body = { templateId: templated, recipientNumber, customVariables: { text } };
    const first = await user.request('POST', '/v1/calls', { body, headers });
    const second = await user.request('POST', '/v1/calls', { body, headers });
    expect(first.body).toMatchObject({ customVariables: { text } });
    expect([second.body, second.headers.get('idempotent-replayed')]).toEqual([first.body, 'true']);
  });
});

function textOf(statement: unknown): string {
  return typeof statement === 'string' ? statement : ((statement as { text?: string }).text ?? '');
}

/** What one connection was sent from BEGIN to COMMIT around the call. */
function transactionOf(sent: readonly { readonly client: unknown; readonly text: string }[]): readonly string[] {
  const isAdding = (text: string) => text.includes('ringonce.add_call');
  const client = sent.find(({ text }) => isAdding(text))?.client;
  const own = sent.filter((message) => message.client === client).map(({ text }) => text);
  const adding = own.findIndex(isAdding);
  const begin = own.findLastIndex((text, index) => index <= adding && text.startsWith('begin'));
  const end = own.findIndex((text, index) => index >= adding && text.endsWith('commit'));
  return own.slice(begin, end + 1);
}

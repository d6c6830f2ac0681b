import { randomUUID } from 'node:crypto';
import { API_KEY, DispatchWorld, numbers } from '../support/dispatch-world';
import { HeardLog, type LogLine } from '../support/heard-log';
import { makeSecret } from '../support/run-record';
import { waitFor } from '../support/wait-for';

const SAID = 'zebra-marmalade';
const VARIABLE = 'Ottoline-Quimby';
const PARAMETER = 'parameter-of-a-url';
const KEY = 'quince-tapioca';
const NUMBERS = numbers(6, 7_000) as [string, string, string, string, string, string];
const [COMPLETED, REFUSED, UNKNOWN, BROKEN, UNSENT, HUNG_UP] = NUMBERS;

let world: DispatchWorld;
let log: HeardLog;

beforeAll(async () => {
  world = await DispatchWorld.start();
  world.templateId = await world.addTemplate({
    assistantId: world.account.assistantIds[0],
    params: { name: { type: 'string', required: true } },
    paramsOrder: ['name'],
  });
});
afterAll(() => world.stop());

async function order(recipientNumber: string) {
  const { service, userToken: token, templateId } = world;
  const body = { templateId, recipientNumber, customVariables: { name: VARIABLE } };
  const headers = { 'idempotency-key': `${KEY}-${randomUUID()}` };
  return service.request('POST', '/v1/calls', { token, body, headers });
}

const told = (event: string) =>
  waitFor(async () => log.lines.some((line) => line.event === event), `the log tells ${event}`);

/** Everything that may go into a line by mistake, going well and going wrong. */
async function live(): Promise<void> {
  const { service, sandbox, account } = world;
  sandbox.order({ number: COMPLETED, call: { transcript: [{ role: 'user', message: SAID }] } as never });
  await world.callWhen((await order(COMPLETED)).body.id, 'completed');
  await told('attempt.settled');

  const message = `customer.number ${REFUSED} is refused for ${VARIABLE}`;
  sandbox.order({ number: REFUSED, answer: { kind: 'refusal', status: 400, message } });
  await order(REFUSED);
  await told('attempt.refused');

  sandbox.order({ number: UNKNOWN, answer: { kind: 'error-before', status: 500 } });
  await order(UNKNOWN);
  await told('attempt.unknown');

  const webhook = `/v1/webhooks/providers/${account.id}?secret=${PARAMETER}`;
  const forged = { message: { type: 'end-of-call-report', transcript: SAID, customer: { number: COMPLETED } } };
  const headers = { 'x-vapi-secret': makeSecret('forged') };
  expect((await service.request('POST', webhook, { body: forged, headers })).status).toBe(401);
  expect((await service.request('GET', `/v1/calls?name=${VARIABLE}`, { token: world.userToken })).status).toBe(400);
  expect((await service.request('GET', `/v1/calls/${COMPLETED}`, { token: world.userToken })).status).toBe(400);
  expect((await service.request('GET', '/v1/calls', { token: makeSecret('no-token') })).status).toBe(401);

  // The database refuses a row, and says which: its words hold the row.
  await world.database.query(`alter table call_queue add constraint broken check (recipient_number <> '${BROKEN}')`);
  expect((await order(BROKEN)).status).toBe(500);
  await told('request.failed');

  // Statements that are sent together have their values in the text.
  await world.database.query('alter function ringonce.take_idempotency_key rename to moved_away');
  expect((await order(UNSENT)).status).toBe(500);
  await world.database.query('alter function ringonce.moved_away rename to take_idempotency_key');

  sandbox.order({ number: HUNG_UP, call: { holdsWhile: 'in-progress' } });
  const { id: live } = (await order(HUNG_UP)).body;
  await world.callWhen(live, 'in-progress');
  await service.request('POST', '/v1/admin/queue/stop', { token: world.adminToken, body: { hangUp: true } });
  await told('attempt.hang_up_asked');
  await world.admin('POST', '/v1/admin/queue/resume');
  await world.database.query('alter table user_call_history rename to moved_away');
  await order(UNSENT);
  await told('attempt.not_recorded');
  await world.database.query('alter table moved_away rename to user_call_history');
}

function planted(): readonly string[] {
  const words = [SAID, VARIABLE, PARAMETER, KEY, API_KEY, ...NUMBERS, 'postgres://'];
  const digits = words.filter((word) => word.startsWith('+')).map((number) => number.slice(1));
  return [...words, ...digits, world.userToken, world.adminToken, world.userId, 'Bearer'];
}

it('tells nothing that is nobody’s business, whatever happens', async () => {
  log = new HeardLog();
  await live();
  const texts = log.texts.filter((text) => planted().some((secret) => text.includes(secret)));
  expect(texts).toEqual([]);
  const [failed, together, ...others] = log.lines.filter(({ level }) => level === 'error');
  expect(failed).toMatchObject({
    ...{ event: 'request.failed', method: 'POST', route: '/v1/calls', status: 500, requestId: expect.any(String) },
    error: { message: expect.stringContaining('"broken"'), stack: expect.stringContaining('Failed query') },
  });
  expect(together).toMatchObject({
    error: { stack: expect.stringContaining('ringonce.take_idempotency_key_as_json(?, ?, now())') },
  });
  // A webhook may have come while the table was away.
  for (const line of others) expect(line).toMatchObject({ event: 'request.failed', providerId: world.account.id });
  for (const line of log.lines) expectWhole(line);
  for (const text of log.texts) expect(text).not.toContain('\n');
}, 60_000);

function expectWhole(line: LogLine): void {
  expect(line.timestamp).toBe(new Date(String(line.timestamp)).toISOString());
  expect(['error', 'warn', 'info', 'debug', 'verbose']).toContain(line.level);
  expect(line.message).not.toBe('');
  if (line.context === 'Http') expect(line.requestId).toEqual(expect.any(String));
  if (line.context === 'Calls') expect(line.callId).toEqual(expect.any(String));
  if (String(line.event).startsWith('attempt.')) {
    const { callId, attemptId, providerId } = line;
    expect([callId, attemptId, providerId]).toEqual([expect.any(String), expect.any(String), expect.any(String)]);
  }
}

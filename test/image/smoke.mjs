// One call from the queue to its end, through the HTTP API of a running service, as its users and operators would.
// node smoke.mjs <service> <vendor as the service sees it> <vendor as we see it> <vendor's key> <user's token> <admin's>
import { setTimeout as delay } from 'node:timers/promises';

const [service, vendorUrl, standIn, apiKey, userToken, adminToken] = process.argv.slice(2);
const TIMEOUT_MS = 60_000;
const MARK = '  ok  ';

async function send(token, method, path, body) {
  const response = await fetch(service + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text && JSON.parse(text);
}

async function until(what, look) {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`In vain: ${what}`);
    await delay(200);
  }
}

const user = (...request) => send(userToken, ...request);
const admin = (...request) => send(adminToken, ...request);

const health = await (await fetch(`${service}/health/ready`)).json();
console.log(`${MARK}GET /health/ready ${JSON.stringify(health)}`);

const known = (await admin('GET', '/v1/admin/providers')).items.find(({ name }) => name === 'proof');
const provider =
  known ??
  (await admin('POST', '/v1/admin/providers', {
    name: 'proof',
    driver: 'vapi',
    type: 'voice',
    credentials: { apiKey },
    baseUrl: vendorUrl,
    concurrencyLimit: 2,
    priority: 1,
    isActive: true,
  }));
const imported = await admin('POST', `/v1/admin/providers/${provider.id}/import`);
console.log(`${MARK}provider at ${vendorUrl}, imported: ${JSON.stringify(imported)}`);

const plans = (await user('GET', '/v1/plans')).items;
const { plan } = await user('POST', '/v1/subscription', { planId: plans.find(({ slug }) => slug === 'free').id });
console.log(`${MARK}subscribed to "${plan.name}"`);

const assistants = (await admin('GET', '/v1/admin/assistants')).items;
const template = await user('POST', '/v1/call-templates', {
  name: `Proof ${Date.now()}`,
  assistantId: assistants.find(({ providerId, isActive }) => providerId === provider.id && isActive).id,
  params: { customerName: { type: 'string', required: true } },
  maxDurationSeconds: 60,
});
const recipientNumber = `+1202555${String(Date.now() % 100).padStart(2, '0')}${String(process.pid % 100).padStart(2, '0')}`;
const queued = await user('POST', '/v1/calls', {
  templateId: template.id,
  recipientNumber,
  customVariables: { customerName: 'Ada' },
});
console.log(`${MARK}call ${queued.id} is ${queued.status}`);

const ended = await until('the call ends', async () => {
  const call = await user('GET', `/v1/calls/${queued.id}`);
  return ['completed', 'failed', 'canceled'].includes(call.status) && call;
});
const usage = await until('the call is settled', async () => {
  const { callsUsed, callsReserved } = await user('GET', '/v1/usage');
  return callsReserved === 0 && { callsUsed };
});
const record = (await user('GET', '/v1/call-history?limit=1')).items[0];
console.log(`${MARK}it is ${ended.status}, outcome ${record.outcome}, ${record.durationSeconds} seconds`);

const dials = (await (await fetch(`${standIn}/sandbox/state`)).json()).dialsByNumber[recipientNumber];
if (dials !== 1) throw new Error(`The vendor dialled ${dials} times`);
console.log(`${MARK}the vendor dialled it once`);
console.log(`${MARK}usage: ${usage.callsUsed} calls, none reserved`);

import { vapi } from '../../src/modules/providers/adapters/vapi/vapi.provider';
import { startVapiSandbox, type VapiSandbox } from '../../sandbox/vapi/vapi-sandbox';
import type { AnswerFault } from '../../sandbox/vapi/faults';
import type { CallScript } from '../../sandbox/kit/call-script';
import { describeCallProvider, type Mishap, type VendorSetting } from './call-provider.contract';
import { send } from '../support/service';
import { makeSecret } from '../support/run-record';
import { COMMON_FAULTS } from './common-faults';

const API_KEY = makeSecret('vapi-test-key');
const WEBHOOK_SECRET = makeSecret('vapi-test-webhook-secret');

const FAULTS: Readonly<Record<Mishap, AnswerFault>> = {
  ...COMMON_FAULTS,
  account: { kind: 'account', status: 402 },
  line: { kind: 'line', reason: 'daily-limit' },
  'other-refusal': { kind: 'refusal', status: 422, message: `No.\nNever. ${API_KEY} ${'x'.repeat(500)}` },
  redirect: { kind: 'redirect', location: '/call' },
};

const COURSES: Readonly<Record<'completed' | 'no_answer' | 'stays', Partial<CallScript>>> = {
  completed: { endedReason: 'customer-ended-call', durationSeconds: 61 },
  no_answer: { endedReason: 'customer-did-not-answer' },
  stays: { holdsWhile: 'in-progress', endedReason: 'customer-ended-call' },
};

async function startVapi(): Promise<VendorSetting> {
  const sandbox = await startVapiSandbox({ apiKey: API_KEY, speed: 500, concurrencyLimit: 300 });
  const [phoneNumber] = sandbox.phoneNumbers;
  const [assistant] = sandbox.assistants;
  return {
    connect: ({ apiKey = API_KEY, webhookSecret = WEBHOOK_SECRET, baseUrl = sandbox.url } = {}) =>
      vapi.connect({ credentials: { apiKey, webhookSecret }, baseUrl }),
    parties: {
      to: '+12025550147',
      from: { externalId: phoneNumber!.id, fullNumber: phoneNumber!.number! },
      assistantExternalId: assistant!.id,
    },
    secrets: [API_KEY, WEBHOOK_SECRET, 'sandbox-carrier-secret'],
    nextPlacement: (mishap) => sandbox.order({ answer: FAULTS[mishap], call: COURSES.stays }),
    nextRead: (mishap) => sandbox.order({ read: mishap === 'cut' ? 'cut' : { status: 503 } }),
    nextCall: (course) => sandbox.order({ call: COURSES[course] }),
    posts: () => sandbox.posts.length,
    dialsOf: (attemptId) => sandbox.dialsOf(attemptId),
    unknownCallId: '00000000-0000-4000-8000-000000000000',
    placeForeign: (metadata) =>
      placeForeign(sandbox, { phoneNumberId: phoneNumber!.id, assistantId: assistant!.id, metadata }),
    stop: () => sandbox.stop(),
  };
}

/** What somebody else's program sends. */
async function placeForeign(
  { url }: VapiSandbox,
  {
    metadata,
    ...parties
  }: { readonly phoneNumberId: string; readonly assistantId: string; readonly metadata: unknown },
): Promise<void> {
  const body = { ...parties, customer: { number: '+12025550148' }, assistantOverrides: { metadata } };
  const { status } = await send(`${url}/call`, 'POST', { token: API_KEY, body });
  expect(status).toBe(201);
}

describeCallProvider('Vapi', startVapi);

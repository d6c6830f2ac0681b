import { retell } from '../../src/modules/providers/adapters/retell/retell.provider';
import type { CallScript } from '../../sandbox/kit/call-script';
import type { AnswerFault } from '../../sandbox/retell/faults';
import { startRetellSandbox } from '../../sandbox/retell/retell-sandbox';
import { describeCallProvider, type Mishap, type VendorSetting } from './call-provider.contract';
import { send } from '../support/service';
import { makeSecret } from '../support/run-record';
import { COMMON_FAULTS } from './common-faults';

const API_KEY = makeSecret('retell-test-key');
const WEBHOOK_KEY = makeSecret('retell-test-webhook-key');

const FAULTS: Readonly<Record<Mishap, AnswerFault>> = {
  ...COMMON_FAULTS,
  account: { kind: 'account', status: 402 },
  line: { kind: 'line', reason: 'missing' },
  'other-refusal': { kind: 'refusal', status: 413, message: `No.\nNever. ${API_KEY} ${'x'.repeat(500)}` },
  redirect: { kind: 'redirect', location: '/v2/create-phone-call' },
};

const COURSES: Readonly<Record<'completed' | 'no_answer' | 'stays', Partial<CallScript>>> = {
  completed: { endedReason: 'user_hangup', durationSeconds: 61 },
  no_answer: { endedReason: 'dial_no_answer' },
  stays: { holdsWhile: 'in-progress', endedReason: 'user_hangup' },
};

/** Webhooks are signed with the API key, or with a key of their own. */
function settingWith(webhookKey: string | undefined): () => Promise<VendorSetting> {
  return async () => {
    const sandbox = await startRetellSandbox({
      apiKey: API_KEY,
      speed: 500,
      concurrencyLimit: 300,
      ...(webhookKey && { webhookKey }),
    });
    const [phoneNumber] = sandbox.phoneNumbers;
    const [agent] = sandbox.agents;
    return {
      connect: ({ apiKey = API_KEY, webhookSecret = webhookKey, baseUrl = sandbox.url } = {}) =>
        retell.connect({ credentials: { apiKey, webhookSecret }, baseUrl }),
      parties: {
        to: '+12025550147',
        from: { externalId: phoneNumber!.number, fullNumber: phoneNumber!.number },
        assistantExternalId: agent!.id,
      },
      secrets: [API_KEY, WEBHOOK_KEY, 'sandbox-trunk-user'],
      nextPlacement: (mishap) => sandbox.order({ answer: FAULTS[mishap], call: COURSES.stays }),
      nextRead: (mishap) => sandbox.order({ read: mishap === 'cut' ? 'cut' : { status: 503 } }),
      nextCall: (course) => sandbox.order({ call: COURSES[course] }),
      posts: () => sandbox.posts.length,
      dialsOf: (attemptId) => sandbox.dialsOf(attemptId),
      unknownCallId: 'call_00000000000000000000000000',
      placeForeign: async (metadata) => {
        const parties = { from_number: phoneNumber!.number, to_number: '+12025550148', override_agent_id: agent!.id };
        const body = { ...parties, metadata };
        const { status } = await send(`${sandbox.url}/v2/create-phone-call`, 'POST', { token: API_KEY, body });
        expect(status).toBe(201);
      },
      stop: () => sandbox.stop(),
    };
  };
}

describeCallProvider('Retell', settingWith(undefined));
describeCallProvider('Retell with a webhook key', settingWith(WEBHOOK_KEY));

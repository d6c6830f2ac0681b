import type { PlaceCall } from '../../public/call-provider.port';
import { toCreateCall } from './to-create-call';
import { ATTEMPT_ID, CALL_ID, PROVIDER_ID } from './vapi.fixtures';

const CALL: PlaceCall = {
  attemptId: ATTEMPT_ID,
  callId: CALL_ID,
  providerId: PROVIDER_ID,
  to: '+12025550147',
  from: { externalId: 'line-1', fullNumber: '+12025550101' },
  assistantExternalId: 'assistant-1',
  variables: { customerName: 'Ada', visits: 3, isNew: false },
  maxDurationSeconds: 120,
  webhookUrl: 'https://ringonce.example/v1/webhooks/providers/1',
};

describe('toCreateCall', () => {
  it('asks for one call that reports to us and carries the attempt wherever it can, and our call', () => {
    expect(toCreateCall(CALL, 'hook-secret')).toEqual({
      name: ATTEMPT_ID,
      assistantId: 'assistant-1',
      phoneNumberId: 'line-1',
      customer: { number: '+12025550147', numberE164CheckEnabled: true, externalId: ATTEMPT_ID },
      assistantOverrides: {
        variableValues: { customerName: 'Ada', visits: 3, isNew: false },
        metadata: { attemptId: ATTEMPT_ID, callId: CALL_ID, providerId: PROVIDER_ID },
        maxDurationSeconds: 120,
        serverMessages: ['status-update', 'end-of-call-report'],
        server: {
          url: CALL.webhookUrl,
          timeoutSeconds: 20,
          headers: { 'X-Vapi-Secret': 'hook-secret' },
          backoffPlan: { type: 'exponential', maxRetries: 10, baseDelaySeconds: 2 },
        },
      },
    });
  });

  it.each([
    [1, 10],
    [59.9, 59],
    [100_000, 43_200],
  ])('keeps %d seconds within what Vapi allows', (asked, sent) => {
    const request = toCreateCall({ ...CALL, maxDurationSeconds: asked }, undefined);
    expect(request.assistantOverrides?.maxDurationSeconds).toBe(sent);
    expect(request.assistantOverrides?.server).not.toHaveProperty('headers');
  });
});

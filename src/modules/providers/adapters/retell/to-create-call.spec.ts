import type { PlaceCall } from '../../public/call-provider.port';
import { ATTEMPT_ID, CALL_ID, PROVIDER_ID } from './retell.fixtures';
import { toCreateCall } from './to-create-call';

const CALL: PlaceCall = {
  attemptId: ATTEMPT_ID,
  callId: CALL_ID,
  providerId: PROVIDER_ID,
  to: '+12025550147',
  from: { externalId: 'main line', fullNumber: '+12025550111' },
  assistantExternalId: 'agent_1',
  variables: { customerName: 'Ada', visits: 3, isNew: false },
  maxDurationSeconds: 120,
  webhookUrl: 'https://ringonce.example/v1/webhooks/providers/1',
};

const NOW = new Date('2026-03-26T15:43:16.145Z');

describe('toCreateCall', () => {
  it('asks for one call that reports to us and carries the attempt, our call and the moment, with variables as texts', () => {
    expect(toCreateCall(CALL, NOW)).toEqual({
      from_number: '+12025550111',
      to_number: '+12025550147',
      override_agent_id: 'agent_1',
      metadata: { attemptId: ATTEMPT_ID, callId: CALL_ID, providerId: PROVIDER_ID, placedAt: NOW.getTime() },
      retell_llm_dynamic_variables: { customerName: 'Ada', visits: '3', isNew: 'false' },
      agent_override: {
        agent: {
          max_call_duration_ms: 120_000,
          webhook_url: CALL.webhookUrl,
          webhook_events: ['call_started', 'call_ended', 'call_analyzed'],
        },
      },
    });
  });

  it.each([
    [1, 60_000],
    [89.9, 89_000],
    [100_000, 7_200_000],
  ])('keeps %d seconds within what Retell allows', (asked, sent) => {
    const { agent_override: override } = toCreateCall({ ...CALL, maxDurationSeconds: asked }, NOW);
    expect(override?.agent?.max_call_duration_ms).toBe(sent);
  });
});

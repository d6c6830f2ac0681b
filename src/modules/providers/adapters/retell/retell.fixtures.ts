export const ATTEMPT_ID = '3f0c9f1e-5a44-4b1c-9f0e-0d6a3f7b2c11';
export const CALL_ID = '8b1d5b0a-0d1e-4b6e-a3cf-5a1de2b7f602';
export const PROVIDER_ID = '3c6a1f5e-0b7d-4a52-9c1e-7d2f8e9a4b10';

/** When the calls of these fixtures were answered and when they ended. */
export const STARTED = Date.parse('2026-03-26T15:43:30.000Z');
export const ENDED = Date.parse('2026-03-26T15:44:31.250Z');

/** A call that has only been registered. */
export const registered = {
  call_id: 'call_1234567890abcdef',
  call_type: 'phone_call',
  direction: 'outbound',
  agent_id: 'agent_1',
  agent_version: 3,
  call_status: 'registered',
  from_number: '+12025550111',
  to_number: '+12025550147',
  metadata: { attemptId: ATTEMPT_ID },
};

/** A call that was answered and is over. */
export const call = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...registered,
  call_status: 'ended',
  disconnection_reason: 'user_hangup',
  start_timestamp: STARTED,
  end_timestamp: ENDED,
  duration_ms: 61_250,
  transcript: 'Agent: Hello.\nUser: Hi.\n',
  recording_url: 'https://files.example/1.wav',
  call_cost: {
    combined_cost: 12.3456,
    total_duration_seconds: 62,
    total_duration_unit_price: 0.2,
    product_costs: [{ product: 'tts', cost: 12.3456 }],
  },
  ...more,
});

/** A call that nobody answered, as it has been seen: no times, an empty transcript, a cost of nothing. */
export const unanswered = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...registered,
  call_status: 'not_connected',
  disconnection_reason: 'dial_no_answer',
  duration_ms: 0,
  transcript: '',
  call_cost: { combined_cost: 0 },
  ...more,
});

export const ANALYSIS = {
  call_summary: 'They greeted each other.',
  in_voicemail: false,
  user_sentiment: 'Positive',
  call_successful: true,
  custom_analysis_data: { wantsMore: true },
};

export const webhook = (event: string, told: Record<string, unknown>): Record<string, unknown> => ({
  event,
  call: told,
  event_timestamp: Date.parse('2026-03-26T15:44:32.000Z'),
});

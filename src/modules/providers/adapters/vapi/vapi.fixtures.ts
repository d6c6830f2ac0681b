export const ATTEMPT_ID = '3f0c9f1e-5a44-4b1c-9f0e-0d6a3f7b2c11';
export const CALL_ID = '8b1d5b0a-0d1e-4b6e-a3cf-5a1de2b7f602';
export const PROVIDER_ID = '3c6a1f5e-0b7d-4a52-9c1e-7d2f8e9a4b10';

/** The call inside a webhook: as it was when it was created. */
const snapshot = {
  id: '019d2ad0-7a0e-7bb0-8d2c-000000000001',
  orgId: 'org',
  status: 'ringing',
  createdAt: '2026-03-26T15:43:16.145Z',
  startedAt: '2020-01-01T00:00:00.000Z',
  name: ATTEMPT_ID,
  customer: { number: '+12025550147', externalId: ATTEMPT_ID },
  assistantOverrides: { metadata: { attemptId: ATTEMPT_ID } },
  monitor: { controlUrl: 'https://control.example/1/control' },
};

export const statusUpdate = (status: string, more: Record<string, unknown> = {}) => ({
  message: {
    type: 'status-update',
    timestamp: Date.parse('2026-03-26T15:45:00.000Z'),
    status,
    call: snapshot,
    phoneNumber: { twilioAuthToken: 'carrier-secret' },
    ...more,
  },
});

/** With everything in its newer place. */
export const endOfCallReport = (more: Record<string, unknown> = {}) => ({
  message: {
    type: 'end-of-call-report',
    timestamp: Date.parse('2026-03-26T15:45:02.000Z'),
    endedReason: 'customer-ended-call',
    startedAt: '2026-03-26T15:43:30.000Z',
    endedAt: '2026-03-26T15:44:31.250Z',
    cost: 0.0834567891,
    artifact: { transcript: 'AI: Hello.\nUser: Hi.\n', recordingUrl: 'https://files.example/1.wav', messages: [] },
    analysis: { summary: 'They greeted each other.', successEvaluation: 'true' },
    call: snapshot,
    ...more,
  },
});

/** A call as GET answers it. */
export const call = (more: Record<string, unknown> = {}) => ({
  ...snapshot,
  startedAt: undefined,
  status: 'in-progress',
  ...more,
});

/**
 * How a call ended, in our words. The first three: someone or something answered. `capacity`, `account`, `line`
 * and `config`: the vendor ended the call before it rang. `unknown`: an end reason that no one has mapped yet.
 */
export const OUTCOMES = [
  'completed',
  'voicemail',
  'no_conversation',
  'no_answer',
  'busy',
  'declined',
  'invalid_number',
  'blocked',
  'capacity',
  'account',
  'line',
  'config',
  'carrier_error',
  'provider_error',
  'canceled',
  'unknown',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

import type { CallCreatePhoneCallParams } from 'retell-sdk/resources';
import type { PlaceCall } from '../../public/call-provider.port';

/** What Retell allows: one minute to two hours. */
const MIN_DURATION_MS = 60_000;
const MAX_DURATION_MS = 7_200_000;

/**
 * The body of POST /v2/create-phone-call. Retell has no idempotency key; its metadata come back with the call and can
 * be searched for, so they carry the ids of the attempt, our call and our provider, and the moment (`placedAt`,
 * milliseconds since the epoch): Retell tells no time at which a call was created, and none at all of one that was never connected. A
 * number is known by itself and has no other id.
 *
 * The webhook address replaces the agent's and the account's own for this call.
 */
export function toCreateCall(call: PlaceCall, now: Date): CallCreatePhoneCallParams {
  const durationMs = Math.floor(call.maxDurationSeconds) * 1000;
  return {
    from_number: call.from.fullNumber,
    to_number: call.to,
    override_agent_id: call.assistantExternalId,
    metadata: {
      attemptId: call.attemptId,
      callId: call.callId,
      providerId: call.providerId,
      placedAt: now.getTime(),
    },
    retell_llm_dynamic_variables: texts(call.variables),
    agent_override: {
      agent: {
        max_call_duration_ms: Math.min(Math.max(durationMs, MIN_DURATION_MS), MAX_DURATION_MS),
        webhook_url: call.webhookUrl,
        webhook_events: ['call_started', 'call_ended', 'call_analyzed'],
      },
    },
  };
}

/** Retell takes variables as texts only. */
function texts(variables: PlaceCall['variables']): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
}

import type { Vapi } from '@vapi-ai/server-sdk';
import type { PlaceCall } from '../../public/call-provider.port';

/** What Vapi allows. */
const MIN_SECONDS = 10;
const MAX_SECONDS = 43_200;

/** The vendor's types describe this text as an object; its documentation and its API want the text. */
const EXPONENTIAL = 'exponential' as unknown as Vapi.BackoffPlan['type'];

/**
 * The body of POST /call. Vapi has no idempotency key, so the attempt's id goes into every field that comes back:
 * the call's name, the customer's external id and the metadata. The ids of our call and our provider are in the metadata.
 *
 * `server` replaces the assistant's own for this call; tools of the assistant need a server of their own.
 * Never `customers` or `schedulePlan`: Vapi would dial by itself later what it cannot dial now.
 */
export function toCreateCall(call: PlaceCall, webhookSecret: string | undefined): Vapi.CreateCallDto {
  return {
    name: call.attemptId,
    assistantId: call.assistantExternalId,
    phoneNumberId: call.from.externalId,
    customer: { number: call.to, numberE164CheckEnabled: true, externalId: call.attemptId },
    assistantOverrides: {
      variableValues: { ...call.variables },
      metadata: { attemptId: call.attemptId, callId: call.callId, providerId: call.providerId },
      maxDurationSeconds: Math.min(Math.max(Math.floor(call.maxDurationSeconds), MIN_SECONDS), MAX_SECONDS),
      serverMessages: ['status-update', 'end-of-call-report'],
      server: toServer(call.webhookUrl, webhookSecret),
    },
  };
}

/** Without a backoff plan Vapi sends each webhook once. Ten retries from two seconds on cover half an hour. */
function toServer(url: string, webhookSecret: string | undefined): Vapi.Server {
  return {
    url,
    timeoutSeconds: 20,
    ...(webhookSecret !== undefined && { headers: { 'X-Vapi-Secret': webhookSecret } }),
    backoffPlan: { type: EXPONENTIAL, maxRetries: 10, baseDelaySeconds: 2 },
  };
}

import { randomUUID } from 'node:crypto';
import { toCreateCall } from '../../../src/modules/providers/adapters/vapi/to-create-call';
import { exchange } from '../../../src/shared/http-client/exchange';
import type { PeerPlace } from './peer';

/** Where a POST goes, and where its webhooks are to go; without that the vendor sends none. */
export type Destination = Pick<PeerPlace, 'vendorUrl' | 'apiKey'> & { readonly webhookUrl?: string };

/** What a job carries. */
export interface Job {
  readonly number: string;
}

const TIMEOUT_MS = 30_000;
const CREATED = 201;
/** Ids as long as the service's. The vendor knows neither. */
const ASSISTANT = 'a55157a0-0000-4000-8000-000000000001';
const LINE = { externalId: '7d4a2f10-0000-4000-8000-000000000001', fullNumber: '+12025550101' };
const PROVIDER = 'b0a51f9e-0000-4000-8000-000000000001';

/**
 * The service's own POST for a call: the body that its driver makes, through the HTTP client that its driver uses.
 * @throws an Error when the vendor does not take the call
 */
export async function sendPost({ vendorUrl, apiKey, webhookUrl = '' }: Destination, { number }: Job): Promise<void> {
  const attemptId = randomUUID();
  const call = {
    attemptId,
    callId: attemptId,
    providerId: PROVIDER,
    to: number,
    from: LINE,
    assistantExternalId: ASSISTANT,
    variables: {},
    maxDurationSeconds: 600,
    webhookUrl,
  };
  const answer = await exchange({
    method: 'POST',
    url: `${vendorUrl}/call`,
    headers: { authorization: `Bearer ${apiKey}`, accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(toCreateCall(call, undefined)),
    timeoutMs: TIMEOUT_MS,
  });
  if (answer.kind !== 'answered' || answer.status !== CREATED) throw new Error(`The POST failed: ${answer.kind}`);
  // What the service does with an answer, too.
  JSON.parse(answer.body);
}

import type { PhoneCallResponse } from 'retell-sdk/resources';
import { z } from 'zod';
import { storableJson, storableText } from '../../domain/storable';

// What comes from Retell may gain fields and values at any time. Only what names a thing must be there; the rest
// counts as not told where it is missing or of another type.
const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);

const text = lenient(z.string().transform(storableText));
const number = lenient(z.number());
const record = lenient(
  z.record(z.string(), z.unknown()).transform((value) => storableJson(value) as Record<string, unknown>),
);

/** An id goes into addresses and log lines. */
const id = z.string().regex(/^[\x21-\x7e]{1,200}$/);

/** A call, as it is read, as lists show it (without its transcript) and as webhooks carry it. */
export const RetellCall = z.object({
  call_id: id,
  call_status: text,
  disconnection_reason: text,
  agent_id: text,
  from_number: text,
  to_number: text,
  metadata: lenient(z.object({ attemptId: text, callId: text, providerId: text, placedAt: number })),
  start_timestamp: number,
  end_timestamp: number,
  duration_ms: number,
  transcript: text,
  recording_url: text,
  scrubbed_recording_url: text,
  call_analysis: record,
  call_cost: lenient(
    z.object({ combined_cost: number, product_costs: lenient(z.array(z.object({ cost: z.number() }))) }),
  ),
} satisfies Partial<Record<keyof PhoneCallResponse, z.ZodType>>);
export type RetellCall = z.infer<typeof RetellCall>;

/** `event_timestamp` is in no specification but has been seen. */
export const RetellWebhook = z.object({ event: z.string(), event_timestamp: number, call: RetellCall });
export type RetellWebhook = z.infer<typeof RetellWebhook>;

/** What the answer to a placement must hold to count as accepted. */
export const RetellCreatedCall = z.object({ call_id: id });

/** An error's text; the second is an older name for it. */
export const RetellError = z.object({ message: text, error_message: text });

/** One page of a list. */
export const RetellPage = z.object({
  items: z.array(z.unknown()),
  has_more: lenient(z.boolean()),
  pagination_key: text,
});

export const RetellPhoneNumber = z.object({
  phone_number: z.string(),
  allowed_outbound_country_list: lenient(z.array(z.string())),
});
export type RetellPhoneNumber = z.infer<typeof RetellPhoneNumber>;

export const RetellAgent = z.object({ agent_id: id, agent_name: text, channel: text });

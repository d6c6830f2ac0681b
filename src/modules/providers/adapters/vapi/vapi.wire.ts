import { z } from 'zod';
import { storableJson, storableText } from '../../domain/storable';

// Vapi adds fields and values every month, and some fields are only seen in the wild. So everything but the id may be
// missing or of another type: what cannot be read counts as not told, and never spoils the rest.
const text = z.string().transform(storableText).optional().catch(undefined);
const number = z.number().optional().catch(undefined);
const record = z
  .record(z.string(), z.unknown())
  .transform((value) => storableJson(value) as Record<string, unknown>)
  .optional()
  .catch(undefined);
const object = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape).optional().catch(undefined);

const id = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/)
  .refine((value) => value.trim() === value);
const metadata = object({ attemptId: text, callId: text, providerId: text });
const artifact = object({
  transcript: text,
  recordingUrl: text,
  recording: object({ stereoUrl: text, mono: object({ combinedUrl: text }) }),
});
const costs = z
  .array(z.object({ cost: z.number() }))
  .optional()
  .catch(undefined);

/** Where the ids of an attempt and its call may come back; `metadata` at the top is in no specification but has been seen. */
const correlation = {
  name: text,
  customer: object({ externalId: text, number: text }),
  assistantOverrides: object({ metadata }),
  metadata,
};

/** What is told of an ended call, in a message and in a call alike. */
const ending = {
  endedReason: text,
  startedAt: text,
  endedAt: text,
  cost: number,
  costs,
  costBreakdown: object({ total: number }),
  artifact,
  analysis: record,
  transcript: text,
  summary: text,
  recordingUrl: text,
  durationSeconds: number,
  durationMs: number,
  durationMinutes: number,
};

/** A call as GET answers it. */
export const VapiCall = z.object({
  id,
  status: text,
  createdAt: text,
  phoneNumberId: text,
  assistantId: text,
  monitor: object({ controlUrl: text }),
  ...correlation,
  ...ending,
});
export type VapiCall = z.infer<typeof VapiCall>;

/** A webhook. The call inside was taken when the call was created: its status and times say nothing. */
export const VapiWebhook = z.object({
  message: z.object({
    type: z.string(),
    status: text,
    timestamp: number,
    call: z.object({ id, ...correlation }),
    customer: object({ externalId: text }),
    assistant: object({ metadata }),
    ...ending,
  }),
});
export type VapiMessage = z.infer<typeof VapiWebhook>['message'];

/** What the answer to POST /call must hold to count as accepted. */
export const VapiCreatedCall = z.object({ id });

/** An error's text: one, or one per fault. */
export const VapiError = z.object({
  message: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .catch(undefined),
  error: text,
});

export const VapiPhoneNumber = z.object({ id, number: text, status: text, createdAt: text });
export type VapiPhoneNumber = z.infer<typeof VapiPhoneNumber>;

export const VapiAssistant = z.object({ id, name: text, createdAt: text });
export type VapiAssistant = z.infer<typeof VapiAssistant>;

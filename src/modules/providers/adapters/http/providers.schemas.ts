import { z } from 'zod';
import { pageOf, pageQuery } from '../../../../shared/http/page.schemas';
import { registry } from '../../registry';

const MAX_CONCURRENCY = 10_000;
const MAX_PRIORITY = 1_000_000;

const name = z.string().trim().min(1).max(200);
const instant = z.iso.datetime();
/** It travels in a header. */
const secret = z.string().regex(/^[\x21-\x7e]{1,512}$/, 'Must be 1 to 512 visible ASCII characters without spaces');
const DRIVERS = registry.map((vendor) => vendor.driver);
const EXAMPLE_DRIVER = DRIVERS[0] ?? '';

const driver = z
  .string()
  .min(1)
  .max(50)
  .describe(`The vendor: ${DRIVERS.join(', ')}`);
const baseUrl = z.string().max(2_000).nullable();

const credentials = z
  .strictObject({
    apiKey: secret,
    webhookSecret: secret
      .optional()
      .describe("Proves the vendor's webhooks. Made up and kept when omitted, where the vendor lets us choose it"),
  })
  .describe('Write-only');

const provider = {
  name,
  driver,
  type: z.literal('voice'),
  credentials,
  baseUrl: baseUrl.describe("null = the vendor's own address. In production https only"),
  concurrencyLimit: z.int().min(0).max(MAX_CONCURRENCY).describe('Calls at once; 0 = takes none'),
  priority: z.int().min(1).max(MAX_PRIORITY).describe('1 is asked first'),
  isActive: z.boolean(),
};

export const AddProvider = z
  .strictObject({
    ...provider,
    type: provider.type.default('voice'),
    baseUrl: provider.baseUrl.default(null),
    isActive: provider.isActive.default(true),
  })
  .meta({
    id: 'AddProvider',
    examples: [
      {
        name: 'Main account',
        driver: EXAMPLE_DRIVER,
        credentials: { apiKey: 'your-key' },
        concurrencyLimit: 10,
        priority: 1,
      },
    ],
  });
export type AddProvider = z.infer<typeof AddProvider>;

export const PatchProvider = z
  .strictObject(provider)
  .partial()
  .meta({ id: 'PatchProvider', examples: [{ concurrencyLimit: 20, priority: 2 }] });
export type PatchProvider = z.infer<typeof PatchProvider>;

const PROVIDER_EXAMPLE = {
  id: '9a3c1e1d-5b7f-4c39-8b0e-61f3b5a7d201',
  name: 'Main account',
  driver: EXAMPLE_DRIVER,
  type: 'voice',
  credentialsSet: true,
  credentialsKeyId: '2026-11',
  baseUrl: null,
  webhookUrl: 'https://calls.example.com/v1/webhooks/providers/9a3c1e1d-5b7f-4c39-8b0e-61f3b5a7d201',
  concurrencyLimit: 10,
  effectiveLimit: 10,
  priority: 1,
  isActive: true,
  health: 'closed',
  pausedUntil: null,
  pauseReason: null,
  suspension: null,
  createdAt: '2026-11-22T16:12:14.123Z',
  updatedAt: '2026-11-22T16:12:14.123Z',
};

export const ProviderView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    driver: z.string(),
    type: z.literal('voice'),
    credentialsSet: z.boolean(),
    credentialsKeyId: z.string().nullable().describe('The key of the ring that encrypted the credentials'),
    baseUrl: z.string().nullable(),
    webhookUrl: z
      .string()
      .describe("Where the vendor sends its webhooks; calls carry it where the vendor's API allows"),
    concurrencyLimit: z.int(),
    effectiveLimit: z
      .int()
      .describe('Calls at once just now: lowered by concurrency refusals, climbing back by itself'),
    priority: z.int(),
    isActive: z.boolean(),
    health: z.enum(['closed', 'open', 'half-open']).describe('The circuit breaker'),
    pausedUntil: instant.nullable().describe('No call goes out before; null also while a pause has no end'),
    pauseReason: z.string().nullable().describe('What to do about the pause'),
    suspension: z
      .object({
        since: instant,
        until: instant.nullable().describe('Null = until the provider is resumed'),
        reason: z.string().nullable(),
      })
      .nullable()
      .describe('A pause made by hand; nothing but its end or an administrator ends it'),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Provider', examples: [PROVIDER_EXAMPLE] });
export type ProviderView = z.infer<typeof ProviderView>;

export const ProvidersView = pageOf(ProviderView).meta({
  id: 'Providers',
  examples: [{ items: [PROVIDER_EXAMPLE], nextCursor: null }],
});
export type ProvidersView = z.infer<typeof ProvidersView>;

export const PauseProviderBody = z
  .strictObject({
    reason: z.string().trim().min(1).max(500).optional().describe('For other administrators'),
    until: instant.optional().describe('When the pause ends by itself; omitted = when the provider is resumed'),
  })
  .default({})
  .meta({ id: 'PauseProvider', examples: [{ reason: 'The account is being upgraded' }] });
export type PauseProviderBody = z.infer<typeof PauseProviderBody>;

export const ProvidersQuery = z.strictObject(pageQuery);
export type ProvidersQuery = z.infer<typeof ProvidersQuery>;

export const KeyCheckView = z
  .object({ ok: z.boolean().describe('Whether the vendor takes the key'), detail: z.string() })
  .meta({ id: 'KeyCheck', examples: [{ ok: true, detail: 'The vendor accepts the key.' }] });
export type KeyCheckView = z.infer<typeof KeyCheckView>;

const counts = z.object({ created: z.int(), updated: z.int(), deactivated: z.int() });
export const AccountImportView = z.object({ phoneNumbers: counts, assistants: counts }).meta({
  id: 'AccountImport',
  examples: [
    {
      phoneNumbers: { created: 3, updated: 0, deactivated: 0 },
      assistants: { created: 2, updated: 1, deactivated: 0 },
    },
  ],
});
export type AccountImportView = z.infer<typeof AccountImportView>;

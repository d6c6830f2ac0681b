import { z } from 'zod';
import { pageOf, pageQuery } from '../../../../shared/http/page.schemas';

const instant = z.iso.datetime();
const digits = z.string().regex(/^[\d ()-]{1,20}$/, 'Must be digits');

const phoneNumber = {
  phoneId: z.string().min(1).max(200).describe("The vendor's id for the number"),
  countryCode: z.string().min(1).max(8).describe('The calling code, such as 1'),
  areaCode: digits.nullable(),
  phoneNumber: digits.describe('The rest, after country and area'),
  fullNumber: z.string().regex(/^\+[1-9]\d{6,14}$/, 'Must be an E.164 number such as +12025550123'),
  isActive: z.boolean().describe('Switching a number on ends its quarantine'),
  capabilities: z
    .array(
      z
        .string()
        .min(1)
        .max(50)
        .regex(/^(?!to:)|^to:[A-Z]{2}$/, 'After to: comes the ISO code of a country, as in to:US'),
    )
    .max(20)
    .describe('Calls go out only from numbers with `voice`. With `to:US` and the like, only to those countries'),
};

export const AddPhoneNumberBody = z
  .strictObject({
    providerId: z.uuid(),
    ...phoneNumber,
    countryCode: phoneNumber.countryCode.optional().describe('Read from fullNumber when omitted'),
    areaCode: phoneNumber.areaCode.optional().describe('Read from fullNumber when omitted'),
    phoneNumber: phoneNumber.phoneNumber.optional().describe('Read from fullNumber when omitted'),
    isActive: phoneNumber.isActive.default(true),
    capabilities: phoneNumber.capabilities.default(['voice']),
  })
  .meta({
    id: 'AddPhoneNumber',
    examples: [
      {
        providerId: '9a3c1e1d-5b7f-4c39-8b0e-61f3b5a7d201',
        phoneId: 'b0a1c2d3-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
        fullNumber: '+12025550123',
        capabilities: ['voice', 'to:US'],
      },
    ],
  });
export type AddPhoneNumberBody = z.infer<typeof AddPhoneNumberBody>;

export const PatchPhoneNumber = z
  .strictObject(phoneNumber)
  .partial()
  .meta({ id: 'PatchPhoneNumber', examples: [{ isActive: true, capabilities: ['voice', 'to:US', 'to:CA'] }] });
export type PatchPhoneNumber = z.infer<typeof PatchPhoneNumber>;

const PHONE_NUMBER_EXAMPLE = {
  id: '3c1b6a52-9d7e-4f43-8a11-5e2f7c9b0d42',
  providerId: '9a3c1e1d-5b7f-4c39-8b0e-61f3b5a7d201',
  phoneId: 'b0a1c2d3-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
  countryCode: '1',
  areaCode: '202',
  phoneNumber: '5550123',
  fullNumber: '+12025550123',
  isActive: true,
  capabilities: ['voice', 'to:US'],
  lastUsedAt: '2026-11-22T16:12:14.123Z',
  quarantinedUntil: null,
  quarantineReason: null,
  createdAt: '2026-11-22T16:12:14.123Z',
  updatedAt: '2026-11-22T16:12:14.123Z',
};

export const PhoneNumberView = z
  .object({
    id: z.uuid(),
    providerId: z.uuid(),
    phoneId: z.string(),
    countryCode: z.string(),
    areaCode: z.string().nullable(),
    phoneNumber: z.string(),
    fullNumber: z.string(),
    isActive: z.boolean(),
    capabilities: z.array(z.string()),
    lastUsedAt: instant.nullable(),
    quarantinedUntil: instant.nullable().describe('Until then no call goes out from it; null = it may be used'),
    quarantineReason: z.string().nullable(),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'PhoneNumber', examples: [PHONE_NUMBER_EXAMPLE] });
export type PhoneNumberView = z.infer<typeof PhoneNumberView>;

export const PhoneNumbersView = pageOf(PhoneNumberView).meta({
  id: 'PhoneNumbers',
  examples: [{ items: [PHONE_NUMBER_EXAMPLE], nextCursor: null }],
});
export type PhoneNumbersView = z.infer<typeof PhoneNumbersView>;

export const PhoneNumbersQuery = z.strictObject(pageQuery);
export type PhoneNumbersQuery = z.infer<typeof PhoneNumbersQuery>;

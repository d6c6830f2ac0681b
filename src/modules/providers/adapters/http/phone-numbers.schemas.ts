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
  capabilities: z.array(z.string().min(1).max(50)).max(20),
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
  .meta({ id: 'AddPhoneNumber' });
export type AddPhoneNumberBody = z.infer<typeof AddPhoneNumberBody>;

export const PatchPhoneNumber = z.strictObject(phoneNumber).partial().meta({ id: 'PatchPhoneNumber' });
export type PatchPhoneNumber = z.infer<typeof PatchPhoneNumber>;

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
  .meta({ id: 'PhoneNumber' });
export type PhoneNumberView = z.infer<typeof PhoneNumberView>;

export const PhoneNumbersView = pageOf(PhoneNumberView).meta({ id: 'PhoneNumbers' });
export type PhoneNumbersView = z.infer<typeof PhoneNumbersView>;

export const PhoneNumbersQuery = z.strictObject(pageQuery);
export type PhoneNumbersQuery = z.infer<typeof PhoneNumbersQuery>;

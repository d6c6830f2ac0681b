import type { Assistant } from '../../domain/assistant';
import type { PhoneNumber } from '../../domain/phone-number';
import type { AssistantView } from './assistants.schemas';
import type { PhoneNumberView } from './phone-numbers.schemas';

const isoOrNull = (time: Date | null): string | null => time?.toISOString() ?? null;

export function toPhoneNumberView(phoneNumber: PhoneNumber): PhoneNumberView {
  return {
    ...phoneNumber,
    capabilities: [...phoneNumber.capabilities],
    lastUsedAt: isoOrNull(phoneNumber.lastUsedAt),
    quarantinedUntil: isoOrNull(phoneNumber.quarantinedUntil),
    createdAt: phoneNumber.createdAt.toISOString(),
    updatedAt: phoneNumber.updatedAt.toISOString(),
  };
}

export function toAssistantView(assistant: Assistant): AssistantView {
  return {
    ...assistant,
    createdAt: assistant.createdAt.toISOString(),
    updatedAt: assistant.updatedAt.toISOString(),
  };
}

import { APPOINTMENT_REMINDER, DELIVERY_UPDATE, type Dialogue, SATISFACTION_SURVEY } from '../kit/dialogues';

/** A phone number of the account. Retell knows a number by itself. */
export interface SandboxPhoneNumber {
  readonly number: string;
  readonly type: 'retell-twilio' | 'retell-telnyx' | 'custom';
  readonly nickname?: string;
  /** The countries that it may call (ISO 3166-1 alpha-2); all of them when it names none. */
  readonly allowedCountries?: readonly string[];
}

/** An agent of the account. */
export interface SandboxAgent extends Dialogue {
  readonly id: string;
  /** Only voices can call. */
  readonly channel?: 'voice' | 'chat';
  /** Where its webhooks go when a call names no other address. */
  readonly webhookUrl?: string;
}

/** Three numbers, and a pseudo number that only the account's own telephony knows. */
export const DEFAULT_PHONE_NUMBERS: readonly SandboxPhoneNumber[] = [
  { number: '+12025550111', type: 'retell-twilio', nickname: 'Main line' },
  { number: '+12025550112', type: 'retell-telnyx', nickname: 'Second line' },
  { number: '+12025550113', type: 'custom' },
  { number: 'front-desk', type: 'custom', nickname: 'Internal' },
];

export const DEFAULT_AGENTS: readonly SandboxAgent[] = [
  { id: 'agent_5a4d0000000000000000000001', ...APPOINTMENT_REMINDER },
  { id: 'agent_5a4d0000000000000000000002', ...DELIVERY_UPDATE },
  { id: 'agent_5a4d0000000000000000000003', ...SATISFACTION_SURVEY },
  { id: 'agent_5a4d0000000000000000000004', name: 'Chat only', dialogue: ['Hello!'], channel: 'chat' },
];

import { APPOINTMENT_REMINDER, DELIVERY_UPDATE, type Dialogue, SATISFACTION_SURVEY } from '../kit/dialogues';

/** A phone number of the account, as GET /phone-number shows it, vendor secrets included. */
export interface SandboxPhoneNumber {
  readonly id: string;
  readonly provider: 'twilio' | 'vapi';
  readonly number?: string;
  readonly name?: string;
  readonly status?: 'active' | 'activating' | 'blocked';
}

/** An assistant of the account. */
export interface SandboxAssistant extends Dialogue {
  readonly id: string;
}

export const ORGANIZATION_ID = '0b5f0c1e-6f0c-4f6e-9d3e-5a4f6f1a0001';

/** Three numbers that can dial, one that is not ready yet, one that is only reachable by SIP. */
export const DEFAULT_PHONE_NUMBERS: readonly SandboxPhoneNumber[] = [
  { id: '7d4a2f10-0000-4000-8000-000000000001', provider: 'twilio', number: '+12025550101', name: 'Main line' },
  {
    id: '7d4a2f10-0000-4000-8000-000000000002',
    provider: 'twilio',
    number: '+12025550102',
    name: 'Second line',
    status: 'active',
  },
  {
    id: '7d4a2f10-0000-4000-8000-000000000003',
    provider: 'vapi',
    number: '+12025550103',
    name: 'Free line',
    status: 'active',
  },
  {
    id: '7d4a2f10-0000-4000-8000-000000000004',
    provider: 'vapi',
    number: '+12025550104',
    name: 'Not ready',
    status: 'activating',
  },
  { id: '7d4a2f10-0000-4000-8000-000000000005', provider: 'vapi', name: 'SIP only', status: 'active' },
];

export const DEFAULT_ASSISTANTS: readonly SandboxAssistant[] = [
  { id: 'a55157a0-0000-4000-8000-000000000001', ...APPOINTMENT_REMINDER },
  { id: 'a55157a0-0000-4000-8000-000000000002', ...DELIVERY_UPDATE },
  { id: 'a55157a0-0000-4000-8000-000000000003', ...SATISFACTION_SURVEY },
];

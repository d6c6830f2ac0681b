import { commonRefusal, type VendorWords } from '../kit/common-refusals';
import type { Reply } from '../kit/json-server';
import type { AnswerFault } from './faults';

/** An error as Retell words it. */
export function refusal(status: number, message: string): Reply {
  return { status, body: { status: 'error', message } };
}

export const failure = (status: number): Reply => refusal(status, 'An unexpected server error occurred.');
export const unauthorized = (): Reply => refusal(401, 'API key is missing or invalid.');
export const overLimit = (): Reply => refusal(429, 'Concurrency limit reached, no more outbound calls right now.');
export const rateLimited = (): Reply => refusal(429, 'Account rate limited, please throttle your requests.');
export const noSuchAsset = (): Reply => refusal(422, 'Cannot find requested asset under given api key.');
export const noSuchPhoneNumber = (number: string): Reply => refusal(404, `Item ${number} not found from phone-number`);

const ACCOUNT_MESSAGES: Readonly<Record<number, string>> = {
  401: 'API key is missing or invalid.',
  402: 'Trial has ended, please add payment method.',
  403: 'This account may not make calls.',
};

const WORDS: VendorWords = {
  refusal,
  failure,
  overLimit,
  rateLimited,
  noSuchAssistant: noSuchAsset,
  badDestination: () => refusal(400, 'request/body/to_number must be a valid phone number in E.164 format'),
};

interface Ids {
  readonly fromNumber: string;
  readonly agentId: string;
}

/** The answer a fault asks for before any call is created; undefined for faults that come after that. */
export function refusalFor(fault: AnswerFault, { fromNumber, agentId }: Ids): Reply | undefined {
  switch (fault.kind) {
    case 'account':
      return refusal(fault.status, ACCOUNT_MESSAGES[fault.status] ?? 'Forbidden');
    case 'line':
      return fault.reason === 'missing'
        ? noSuchPhoneNumber(fromNumber)
        : refusal(400, 'request/body/from_number must be a valid phone number in E.164 format');
    default:
      return commonRefusal(fault, WORDS, agentId);
  }
}

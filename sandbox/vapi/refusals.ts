import { commonRefusal, type VendorWords } from '../kit/common-refusals';
import type { Reply } from '../kit/json-server';
import type { AnswerFault } from './faults';

const NAMES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** An error as Vapi words it: several texts for a request that is not valid, one for everything else. */
export function refusal(status: number, message: string | readonly string[]): Reply {
  const error = NAMES[status];
  return { status, body: { message, ...(error !== undefined && { error }), statusCode: status } };
}

export const failure = (status: number): Reply => refusal(status, 'Internal server error');
export const unauthorized = (): Reply =>
  refusal(401, 'Invalid Key. Hot tip, you may be using the private key instead of the public key, or vice versa.');
export const overLimit = (): Reply => refusal(400, 'Over Concurrency Limit.');
export const rateLimited = (): Reply => refusal(429, 'Rate limit exceeded');
export const noSuchAssistant = (id: string): Reply => refusal(400, `Assistant with ID \`${id}\` does not exist.`);
export const noSuchPhoneNumber = (id: string): Reply => refusal(400, `\`phoneNumber\` \`${id}\` does not exist.`);

const DAILY_LIMIT =
  "Couldn't Start Call. Numbers Bought On Vapi Have A Daily Outbound Call Limit. " +
  'Import Your Own Twilio Numbers To Scale Without Limits.';

const ACCOUNT_MESSAGES: Readonly<Record<number, string>> = {
  400: 'Wallet Balance Is Too Low. Please add credits to your subscription.',
  401: 'Unauthorized',
  402: 'Your subscription has run out of credits.',
  403: 'Your account is frozen.',
};

interface Ids {
  readonly phoneNumberId: string;
  readonly assistantId: string;
}

const WORDS: VendorWords = {
  refusal,
  failure,
  overLimit,
  rateLimited,
  noSuchAssistant,
  badDestination: () => refusal(400, ['customer.number must be a valid phone number in the E.164 format.']),
};

/** The answer a fault asks for before any call is created; undefined for faults that come after that. */
export function refusalFor(fault: AnswerFault, ids: Ids): Reply | undefined {
  switch (fault.kind) {
    case 'account':
      return refusal(fault.status, ACCOUNT_MESSAGES[fault.status] ?? 'Forbidden');
    case 'line':
      return fault.reason === 'daily-limit' ? refusal(400, DAILY_LIMIT) : noSuchPhoneNumber(ids.phoneNumberId);
    case 'concurrency-blocked':
      return undefined;
    default:
      return commonRefusal(fault, WORDS, ids.assistantId);
  }
}

import type { CommonAnswerFault } from './faults';
import type { Reply } from './json-server';

/** How a vendor words what every vendor may answer. */
export interface VendorWords {
  refusal(status: number, message: string): Reply;
  /** An error of the vendor's own. */
  failure(status: number): Reply;
  overLimit(): Reply;
  rateLimited(): Reply;
  noSuchAssistant(id: string): Reply;
  badDestination(): Reply;
}

/** The answer that a fault asks for before any call is created; undefined for faults that come after that. */
export function commonRefusal(fault: CommonAnswerFault, words: VendorWords, assistantId: string): Reply | undefined {
  switch (fault.kind) {
    case 'cut-before':
      return 'cut';
    case 'hang-before':
      return 'silence';
    case 'error-before':
      return words.failure(fault.status ?? 500);
    case 'redirect':
      return { status: 307, headers: { location: fault.location } };
    case 'refusal':
      return words.refusal(fault.status, fault.message);
    case 'unknown-assistant':
      return words.noSuchAssistant(assistantId);
    default:
      return LIMITS[fault.kind]?.(words);
  }
}

const LIMITS: Readonly<Partial<Record<CommonAnswerFault['kind'], (words: VendorWords) => Reply>>> = {
  'over-limit': (words) => words.overLimit(),
  'rate-limit': (words) => words.rateLimited(),
  'bad-destination': (words) => words.badDestination(),
};

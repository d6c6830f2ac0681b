import type { CommonAnswerFault } from '../../sandbox/kit/faults';
import type { Mishap } from './call-provider.contract';

/** The mishaps that every stand-in is ordered to have by the same words. */
export const COMMON_FAULTS = {
  'over-limit': { kind: 'over-limit' },
  'rate-limit': { kind: 'rate-limit' },
  agent: { kind: 'unknown-assistant' },
  destination: { kind: 'bad-destination' },
  'error-before': { kind: 'error-before' },
  'error-after': { kind: 'error-after', status: 503 },
  'cut-before': { kind: 'cut-before' },
  'lost-answer': { kind: 'lost-answer' },
  'hang-before': { kind: 'hang-before' },
  'hang-after': { kind: 'hang-after' },
  'no-id': { kind: 'no-id' },
  'empty-answer': { kind: 'empty-answer' },
} as const satisfies Partial<Record<Mishap, CommonAnswerFault>>;

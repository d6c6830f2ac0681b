export const ATTEMPT_STATES = ['placing', 'placed', 'unknown', 'refused', 'ended'] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

export const OPEN_ATTEMPT_STATES = ['placing', 'placed', 'unknown'] as const satisfies readonly AttemptState[];

/** Whether an attempt holds one of its provider's slots. */
export function isOpen(state: AttemptState): boolean {
  return (OPEN_ATTEMPT_STATES as readonly AttemptState[]).includes(state);
}

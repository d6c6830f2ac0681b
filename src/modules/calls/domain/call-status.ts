export const CALL_STATUSES = ['queued', 'in-progress', 'completed', 'failed', 'canceled'] as const;
export type CallStatus = (typeof CALL_STATUSES)[number];

const TERMINAL: readonly CallStatus[] = ['completed', 'failed', 'canceled'];

export type TerminalStatus = Extract<CallStatus, 'completed' | 'failed' | 'canceled'>;

/** Whether a call has ended for good. Only late proof about an unknown placement corrects a terminal call. */
export function isTerminal(status: CallStatus): status is TerminalStatus {
  return TERMINAL.includes(status);
}

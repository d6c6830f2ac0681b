export const LINE_KINDS = ['reserve', 'settle', 'release', 'adjust'] as const;
export type LineKind = (typeof LINE_KINDS)[number];

/** The kinds whose calls and minutes count as used. */
export const USING_KINDS = ['settle', 'adjust'] as const satisfies readonly LineKind[];

/** One line of the ledger. A period's totals are the sums of its lines. */
export interface LedgerLine {
  readonly kind: LineKind;
  /** What the step is about: reserved by reserve, used by settle and adjust, given back by release. */
  readonly calls: number;
  readonly minutes: number;
  /** The signed change of what the period holds reserved. */
  readonly reservedCalls: number;
  readonly reservedMinutes: number;
}

/** What the ledger knows of one attempt while its period is locked. */
export interface AttemptAccount {
  /** What the attempt reserved, besides its one call. */
  readonly reservedMinutes: number;
  readonly kinds: readonly LineKind[];
  /** What its period has left; null = unlimited. */
  readonly callsRemaining: number | null;
  readonly minutesRemaining: number | null;
}

/** The reservation of one call and its minutes. */
export function reserveLine(minutes: number): LedgerLine {
  return { kind: 'reserve', calls: 1, minutes, reservedCalls: 1, reservedMinutes: minutes };
}

/** Turns the reservation into usage, at most what was reserved; undefined when it is settled or released already. */
export function settleLine(account: AttemptAccount, minutes: number): LedgerLine | undefined {
  if (!isReserved(account)) return undefined;
  return { ...givenBack(account), kind: 'settle', calls: 1, minutes: Math.min(minutes, account.reservedMinutes) };
}

/** Gives the reservation back; undefined when it is settled or released already. */
export function releaseLine(account: AttemptAccount): LedgerLine | undefined {
  if (!isReserved(account)) return undefined;
  return { ...givenBack(account), kind: 'release', calls: 1, minutes: account.reservedMinutes };
}

/**
 * Charges a call whose reservation was given back: at most what had been reserved, and at most what its period still
 * has. Undefined when the reservation was not released, or the charge is made already.
 */
export function lateLine(account: AttemptAccount, minutes: number): LedgerLine | undefined {
  if (!account.kinds.includes('release') || account.kinds.includes('adjust')) return undefined;
  return {
    kind: 'adjust',
    calls: Math.min(1, account.callsRemaining ?? Infinity),
    minutes: Math.min(minutes, account.reservedMinutes, account.minutesRemaining ?? Infinity),
    reservedCalls: 0,
    reservedMinutes: 0,
  };
}

/** Whether the line counts as used. */
export function isUsing({ kind }: LedgerLine): boolean {
  return (USING_KINDS as readonly LineKind[]).includes(kind);
}

function isReserved({ kinds }: AttemptAccount): boolean {
  return !kinds.includes('settle') && !kinds.includes('release');
}

function givenBack({ reservedMinutes }: AttemptAccount): Pick<LedgerLine, 'reservedCalls' | 'reservedMinutes'> {
  return { reservedCalls: -1, reservedMinutes: -reservedMinutes };
}

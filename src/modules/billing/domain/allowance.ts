import type { Period } from './period';

/** What a plan grants in one period; null = unlimited. */
export interface Limits {
  readonly calls: number | null;
  readonly minutes: number | null;
}

/** One side of an allowance: calls, or whole minutes. `limit` and `remaining` are null when unlimited. */
export interface Balance {
  readonly used: number;
  readonly reserved: number;
  readonly limit: number | null;
  readonly remaining: number | null;
}

/** What one user has used, holds reserved and has left in one period. */
export interface Allowance {
  readonly period: Period;
  readonly calls: Balance;
  readonly minutes: Balance;
}

/** The balance of a limit. A limit that was lowered below what is gone leaves nothing, not less. */
export function balanceOf(limit: number | null, used: number, reserved: number): Balance {
  return { used, reserved, limit, remaining: limit === null ? null : Math.max(limit - used - reserved, 0) };
}

/** How many more calls may be queued for the period; null when unlimited. Without a minute left none may. */
export function callsLeftIn({ calls, minutes }: Allowance): number | null {
  return minutes.remaining === 0 ? 0 : calls.remaining;
}

import type { CallScript } from './call-script';
import type { Json } from './json';

/** How far a call has come, in the stand-ins' own words; each vendor has its own for them. */
export type CallState = 'queued' | 'ringing' | 'in-progress' | 'ended';

/** One call of a stand-in: what was asked for, what its script says, and how far it has come. */
export abstract class StandInCall {
  readonly id: string;
  readonly createdAt: Date;
  status: CallState = 'queued';
  updatedAt: Date;
  startedAt: Date | undefined;
  endedAt: Date | undefined;
  endedReason: string | undefined;
  /** Connected seconds of the stand-in's own time, once the call has ended. */
  durationSeconds = 0;

  constructor(
    readonly request: Json,
    readonly script: CallScript,
    identity: { readonly id: string; readonly createdAt?: Date | undefined },
  ) {
    this.id = identity.id;
    this.createdAt = this.updatedAt = identity.createdAt ?? new Date();
  }

  abstract get customerNumber(): string;

  /** The caller's own id of the call. */
  abstract get attemptId(): string | undefined;

  abstract get maxDurationSeconds(): number;

  /** The vendor's word for an end at the maximum. */
  abstract get maximumReason(): string;

  /** Whether somebody or something picks up. */
  abstract get isAnswered(): boolean;

  /** Whether the recipient's phone rings at all. */
  abstract get isDialed(): boolean;

  get isLive(): boolean {
    return this.status !== 'ended';
  }

  get isVisible(): boolean {
    return Date.now() >= this.createdAt.getTime() + (this.script.hiddenForMs ?? 0);
  }

  moveTo(status: 'ringing' | 'in-progress'): void {
    this.status = status;
    this.updatedAt = new Date();
    if (status === 'in-progress') this.startedAt = this.updatedAt;
  }

  /**
   * Ends the call. A call that went faster than real time looks as long as its script says: its start moves into the
   * past, since an end in the future would mislead more.
   */
  end(endedReason: string, connectedSeconds: number): void {
    this.status = 'ended';
    this.endedReason = endedReason;
    this.endedAt = this.updatedAt = new Date();
    if (this.startedAt === undefined) return;
    this.durationSeconds = connectedSeconds;
    this.startedAt = new Date(this.endedAt.getTime() - connectedSeconds * 1000);
  }
}

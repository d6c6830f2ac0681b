import type { Records } from './records';
import type { CallState, StandInCall } from './stand-in-call';
import type { Timers } from './timers';

/** Moves calls along: queued, ringing, in progress, ended. */
export class Lifecycle<Call extends StandInCall> {
  /** Calls whose script holds them, and how they go on. */
  private held = new Map<Call, () => void>();

  constructor(
    private readonly timers: Timers,
    private readonly records: Records,
    private readonly moved: (call: Call) => void,
  ) {}

  begin(call: Call): void {
    this.records.callBegan();
    if (call.isDialed) this.records.dialed(call.customerNumber, call.attemptId);
    const { script } = call;
    if (script.endsAtOnce === true) {
      this.end(call, script.endedReason, 0);
      return;
    }
    this.stay(call, 'queued', script.queueSeconds, () => this.ring(call));
  }

  /** Lets a held call go on. */
  release(call: Call): boolean {
    const goOn = this.held.get(call);
    this.held.delete(call);
    goOn?.();
    return goOn !== undefined;
  }

  /** Ends a live call, whatever its script says; the time since it was connected counts. */
  hangUp(call: Call, endedReason: string): boolean {
    if (!call.isLive) return false;
    const connectedMs = call.startedAt === undefined ? 0 : Date.now() - call.startedAt.getTime();
    this.end(call, endedReason, Math.min(Math.round(connectedMs / 1000), call.maxDurationSeconds));
    return true;
  }

  forget(): void {
    this.held = new Map();
  }

  private ring(call: Call): void {
    this.move(call, 'ringing');
    this.stay(call, 'ringing', call.script.ringSeconds, () =>
      call.isAnswered ? this.connect(call) : this.end(call, call.script.endedReason, 0),
    );
  }

  private connect(call: Call): void {
    this.move(call, 'in-progress');
    const { durationSeconds, endedReason, holdsWhile } = call.script;
    const max = call.maxDurationSeconds;
    const outlastsMax = holdsWhile === 'in-progress' ? !this.timers.isInstant : durationSeconds > max;
    if (outlastsMax) {
      this.timers.after(max, () => this.end(call, call.maximumReason, max));
    }
    this.stay(call, 'in-progress', durationSeconds, () => this.end(call, endedReason, durationSeconds));
  }

  /** Waits for the state's time, or for a release if the script holds the call in this state. */
  private stay(call: Call, state: CallState, seconds: number, goOn: () => void): void {
    const goOnIfStillThere = (): void => {
      if (call.status === state) goOn();
    };
    if (call.script.holdsWhile === state) {
      this.held.set(call, goOnIfStillThere);
      return;
    }
    this.timers.after(seconds, goOnIfStillThere);
  }

  private move(call: Call, status: 'ringing' | 'in-progress'): void {
    call.moveTo(status);
    this.moved(call);
  }

  private end(call: Call, endedReason: string, connectedSeconds: number): void {
    if (!call.isLive) return;
    this.held.delete(call);
    call.end(endedReason, connectedSeconds);
    this.records.callEnded();
    this.moved(call);
  }
}

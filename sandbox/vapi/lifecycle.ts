import type { Timers } from '../kit/timers';
import type { Records } from './records';
import type { SandboxCall, SandboxCallStatus } from './sandbox-call';

/** Who wants to know that a call moved on. */
export interface CallWatcher {
  moved(call: SandboxCall): void;
}

const NEVER_DIALED = /^(call\.start\.|call-start-error|assistant-(not-found|not-valid|request-))/;

/** Moves calls along: queued, ringing, in progress, ended. */
export class Lifecycle {
  /** Calls whose script holds them, and how they go on. */
  private held = new Map<SandboxCall, () => void>();

  constructor(
    private readonly timers: Timers,
    private readonly records: Records,
    private readonly watcher: CallWatcher,
  ) {}

  begin(call: SandboxCall): void {
    this.records.callBegan();
    const { script } = call;
    if (script.endsAtOnce !== true || !NEVER_DIALED.test(script.endedReason)) {
      this.records.dialed(call.customerNumber, call.attemptId);
    }
    if (script.endsAtOnce === true) {
      this.end(call, script.endedReason, 0);
      return;
    }
    this.stay(call, 'queued', script.queueSeconds, () => this.ring(call));
  }

  /** Lets a held call go on. */
  release(call: SandboxCall): boolean {
    const goOn = this.held.get(call);
    this.held.delete(call);
    goOn?.();
    return goOn !== undefined;
  }

  /** Ends a live call, whatever its script says; the time since it was connected counts. */
  hangUp(call: SandboxCall, endedReason: string): boolean {
    if (!call.isLive) return false;
    const connectedMs = call.startedAt === undefined ? 0 : Date.now() - call.startedAt.getTime();
    this.end(call, endedReason, Math.min(Math.round(connectedMs / 1000), call.maxDurationSeconds));
    return true;
  }

  forget(): void {
    this.held = new Map();
  }

  private ring(call: SandboxCall): void {
    this.move(call, 'ringing');
    this.stay(call, 'ringing', call.script.ringSeconds, () =>
      call.isAnswered ? this.connect(call) : this.end(call, call.script.endedReason, 0),
    );
  }

  private connect(call: SandboxCall): void {
    this.move(call, 'in-progress');
    const { durationSeconds, endedReason, holdsWhile } = call.script;
    const max = call.maxDurationSeconds;
    const outlastsMax = holdsWhile === 'in-progress' ? !this.timers.isInstant : durationSeconds > max;
    if (outlastsMax) {
      this.timers.after(max, () => this.end(call, 'exceeded-max-duration', max));
    }
    this.stay(call, 'in-progress', durationSeconds, () => this.end(call, endedReason, durationSeconds));
  }

  /** Waits for the state's time, or for a release if the script holds the call in this state. */
  private stay(call: SandboxCall, state: SandboxCallStatus, seconds: number, goOn: () => void): void {
    const goOnIfStillThere = (): void => {
      if (call.status === state) goOn();
    };
    if (call.script.holdsWhile === state) {
      this.held.set(call, goOnIfStillThere);
      return;
    }
    this.timers.after(seconds, goOnIfStillThere);
  }

  private move(call: SandboxCall, status: 'ringing' | 'in-progress'): void {
    call.moveTo(status);
    this.watcher.moved(call);
  }

  private end(call: SandboxCall, endedReason: string, connectedSeconds: number): void {
    if (!call.isLive) return;
    this.held.delete(call);
    call.end(endedReason, connectedSeconds);
    this.records.callEnded();
    this.watcher.moved(call);
  }
}

import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { CallScript } from '../kit/call-script';
import type { SandboxAssistant, SandboxPhoneNumber } from './defaults';
import { SandboxCall } from './sandbox-call';

/** Older ones are forgotten at a start. */
const KEPT_CALLS = 1_000;

/** What a call of an earlier start is made of again. */
interface Desk {
  readonly assistants: ReadonlyMap<string, SandboxAssistant>;
  readonly phoneNumbers: ReadonlyMap<string, SandboxPhoneNumber>;
  readonly controlUrl: (callId: string) => string;
}

/** One line of the file. */
interface Entry {
  readonly id: string;
  readonly createdAt: string;
  readonly request: Record<string, unknown>;
  readonly script: CallScript;
}

/** Remembers calls across starts: a vendor does not forget a call when its customer's machine goes down. */
export class Journal {
  /** Without a file nothing is remembered. */
  constructor(private readonly file: string | undefined) {}

  /** Written before the call is answered for, so that no caller can know more than the journal. */
  add({ id, createdAt, request, script }: SandboxCall): void {
    if (this.file === undefined) return;
    const line = JSON.stringify({ id, createdAt: createdAt.toISOString(), request, script });
    appendFileSync(this.file, `${line}\n`, { mode: 0o600 });
  }

  /** The calls of earlier starts. Nobody was there to see it, but they have gone on and ended as their scripts say. */
  endedCalls(desk: Desk): readonly SandboxCall[] {
    return this.read().flatMap((entry) => toEndedCall(entry, desk) ?? []);
  }

  clear(): void {
    if (this.file !== undefined) rmSync(this.file, { force: true });
  }

  private read(): readonly Entry[] {
    if (this.file === undefined || !existsSync(this.file)) return [];
    const lines = readFileSync(this.file, 'utf8').split('\n').filter(isWhole);
    const kept = lines.slice(-KEPT_CALLS);
    writeFileSync(this.file, kept.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    return kept.map((line) => JSON.parse(line) as Entry);
  }
}

/** The last line of a process that was killed may be cut off. */
function isWhole(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

function toEndedCall({ id, createdAt, request, script }: Entry, desk: Desk): SandboxCall | undefined {
  const assistant = desk.assistants.get(String(request.assistantId));
  const phoneNumber = desk.phoneNumbers.get(String(request.phoneNumberId));
  if (assistant === undefined || phoneNumber === undefined) return undefined;
  const parties = { assistant, phoneNumber, id, createdAt: new Date(createdAt) };
  const call = new SandboxCall(request, parties, script, desk.controlUrl);
  if (call.isAnswered) call.moveTo('in-progress');
  const outlastsMax = call.isAnswered && script.durationSeconds > call.maxDurationSeconds;
  if (outlastsMax) call.end('exceeded-max-duration', call.maxDurationSeconds);
  else call.end(script.endedReason, call.isAnswered ? script.durationSeconds : 0);
  return call;
}

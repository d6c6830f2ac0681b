import { logNormal, pick, type Random } from './random';

/** How one call goes. Seconds are the stand-in's own, divided by its speed. */
export interface CallScript {
  /** From the request to the first ring. */
  readonly queueSeconds: number;
  readonly ringSeconds: number;
  /** Connected time; not used where nobody answers. */
  readonly durationSeconds: number;
  /** In the vendor's own word. */
  readonly endedReason: string;
  /** Instead of the assistant's own lines. */
  readonly transcript?: string;
  /** Ends before it rings, with `endedReason`. */
  readonly endsAtOnce?: boolean;
  /** Stays in this state until it is released, hung up or overruns its maximum. */
  readonly holdsWhile?: 'queued' | 'ringing' | 'in-progress';
  /** For so long the vendor's lists and reads don't know the call (real milliseconds). */
  readonly hiddenForMs?: number;
}

/** The ends of a vendor's calls, by weight, and which of them take another time than a conversation. */
export interface Endings {
  readonly weighted: readonly (readonly [weight: number, endedReason: string])[];
  readonly machine: string;
  readonly noAnswer: string;
}

/** The ways calls usually go: most are answered, some reach a machine, some nobody. */
export function randomScript(random: Random, { weighted, machine, noAnswer }: Endings): CallScript {
  const endedReason = pick(random, weighted);
  return {
    queueSeconds: 0.5 + random(),
    ringSeconds: endedReason === noAnswer ? 25 : 2 + random() * 8,
    durationSeconds: endedReason === machine ? 8 + Math.round(random() * 12) : conversationSeconds(random),
    endedReason,
  };
}

function conversationSeconds(random: Random): number {
  return Math.round(Math.min(Math.max(logNormal(random, 45, 0.6), 6), 400));
}

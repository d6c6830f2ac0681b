import { setTimeout as delay } from 'node:timers/promises';
import { isNativeError } from 'node:util/types';
import { withSession } from './connection';

/** The server is there and does not let this account in, or has no such database: waiting would change nothing. */
export class DatabaseRefuses extends Error {
  constructor(reason: string) {
    super(`DATABASE_URL: the database server refuses it: ${reason}`);
  }
}

/** Wrong account or password, no right to connect (class 28), no such database. */
const REFUSAL = /^(28...|3D000)$/;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const SAY_EVERY_MS = 5_000;
/** Something may be there that takes the connection and says nothing more: the service begins to listen without it. */
const ANSWER_TIMEOUT_MS = 5_000;
const NO_ERROR: NodeJS.ErrnoException = new Error('no answer');

/** How long to wait, and who hears of it. */
export interface Patience {
  /** The end of waiting, by a signal or by a deadline. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * Asks the database once.
 * @returns why it is not there; undefined when it is
 * @throws DatabaseRefuses
 */
export async function contactDatabase(url: string, answerTimeoutMs = ANSWER_TIMEOUT_MS): Promise<string | undefined> {
  try {
    await withSession(url, (session) => session.query('select 1'), { answerTimeoutMs });
    return undefined;
  } catch (error) {
    const { code, message } = isNativeError(error) ? (error as NodeJS.ErrnoException) : NO_ERROR;
    if (REFUSAL.test(code ?? '')) throw new DatabaseRefuses(message);
    return message || (code ?? 'no answer');
  }
}

/**
 * Waits until the database answers, asking ever more slowly, and tells every few seconds that and why it still waits.
 * @returns whether it answers; false when the signal came first
 * @throws DatabaseRefuses
 */
export async function awaitDatabase(url: string, { signal, say }: Patience): Promise<boolean> {
  const beganAt = performance.now();
  let saidAt = -Infinity;
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const absence = await contactDatabase(url);
    const waitedSeconds = Math.round((performance.now() - beganAt) / 1_000);
    if (absence === undefined) {
      if (saidAt > -Infinity) say(`The database answers after ${waitedSeconds} seconds`);
      return true;
    }
    if (performance.now() - saidAt >= SAY_EVERY_MS) {
      saidAt = performance.now();
      say(`The database is not there yet (${absence}): waiting for it, ${waitedSeconds} seconds so far`);
    }
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

import { invalid, Refusal } from './refusals';

/** An answer as it is kept. */
export interface KeptAnswer {
  readonly status: number;
  readonly body: unknown;
}

const LONGEST_KEY = 255;

interface Entry {
  /** Method, path and parameters: a key belongs to one request. */
  readonly fingerprint: string;
  answer?: KeptAnswer;
}

/**
 * The first answer to a key is given again to whoever repeats the request, an error of the server included. What was
 * refused for its parameters, or because the key was busy, was not begun and isn't kept.
 */
export class IdempotencyKeys {
  private readonly entries = new Map<string, Entry>();

  /** The answer that was given before, if any. @throws Refusal for a key that is in use, or belongs to another request */
  begin(key: string, fingerprint: string): KeptAnswer | undefined {
    if (key.length > LONGEST_KEY) throw invalid('Idempotency keys can have up to 255 characters.');
    const known = this.entries.get(key);
    if (known === undefined) {
      this.entries.set(key, { fingerprint });
      return undefined;
    }
    if (known.fingerprint !== fingerprint) throw otherRequest(key);
    if (known.answer === undefined) throw inUse(key);
    return known.answer;
  }

  keep(key: string, answer: KeptAnswer): void {
    const entry = this.entries.get(key);
    if (entry !== undefined) entry.answer = answer;
  }

  /** Nothing was begun under this key. */
  forget(key: string): void {
    this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
  }
}

const otherRequest = (key: string): Refusal =>
  new Refusal(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  });

const inUse = (key: string): Refusal =>
  new Refusal(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this idempotent key (that probably means you submitted twice): ${key}.`,
  });

import type { Secret } from './run-record';
import { formsOf, type SecretForm } from './secret-forms';

/** One place where a secret was found. */
export interface Hit {
  readonly label: string;
  readonly form: string;
  readonly offset: number;
}

const BLOCK = 4;
const SLOT_BITS = 20;
/** What an 8-bit distance can still express. */
const WIDEST_WINDOW = 200;

/**
 * Finds thousands of texts in hundreds of megabytes at once (after Wu and Manber): looks at the last block of a window
 * as wide as the shortest text, and moves the window as far as no text could end there.
 */
export class SecretSearch {
  /** Bytes that two neighbouring pieces must share, lest a secret hide between them. */
  readonly overlap: number;
  private readonly window: number;
  private readonly distances: Uint8Array;
  private readonly candidates = new Map<number, SecretForm[]>();

  constructor(secrets: readonly Secret[]) {
    const forms = secrets.flatMap(formsOf);
    const lengths = forms.map(({ bytes }) => bytes.length);
    this.overlap = lengths.reduce((longest, length) => Math.max(longest, length), 1) - 1;
    this.window = lengths.reduce((shortest, length) => Math.min(shortest, length), WIDEST_WINDOW);
    this.distances = new Uint8Array(1 << SLOT_BITS).fill(this.window - BLOCK + 1);
    for (const form of forms) this.learn(form);
  }

  in(bytes: Buffer): Hit[] {
    const hits: Hit[] = [];
    const head = this.window - BLOCK;
    for (let at = head; at + BLOCK <= bytes.length;) {
      const slot = slotOf(bytes, at);
      const distance = this.distances[slot] ?? 0;
      if (distance === 0) hits.push(...this.check(bytes, at - head, slot));
      at += Math.max(distance, 1);
    }
    return hits;
  }

  private learn(form: SecretForm): void {
    const last = this.window - BLOCK;
    for (let at = 0; at <= last; at += 1) {
      const slot = slotOf(form.bytes, at);
      this.distances[slot] = Math.min(this.distances[slot] ?? 0, last - at);
    }
    const slot = slotOf(form.bytes, last);
    this.candidates.set(slot, [...(this.candidates.get(slot) ?? []), form]);
  }

  private check(bytes: Buffer, offset: number, slot: number): Hit[] {
    const forms = this.candidates.get(slot) ?? [];
    return forms
      .filter((form) => form.bytes.equals(bytes.subarray(offset, offset + form.bytes.length)))
      .map(({ label, form }) => ({ label, form, offset }));
  }
}

function slotOf(bytes: Buffer, at: number): number {
  const block =
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  return Math.imul(block, 0x9e3779b1) >>> (32 - SLOT_BITS);
}

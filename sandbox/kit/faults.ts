import type { CallScript } from './call-script';

/** What goes wrong with the answer to one placement, whatever the vendor. */
export type CommonAnswerFault =
  | { readonly kind: 'slow-answer'; readonly delayMs: number }
  /** An error of the server, before or after the call was created. */
  | { readonly kind: 'error-before' | 'error-after'; readonly status?: number }
  /** The connection is cut, before or after the call was created. */
  | { readonly kind: 'cut-before' | 'lost-answer' }
  /** Never answers, without or with a created call. */
  | { readonly kind: 'hang-before' | 'hang-after' }
  /** Created, and answered with a 201 that names no id, is no JSON, or points elsewhere. */
  | { readonly kind: 'no-id' | 'empty-answer' }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'over-limit' | 'rate-limit' | 'unknown-assistant' | 'bad-destination' }
  /** Any refusal, word for word. */
  | { readonly kind: 'refusal'; readonly status: number; readonly message: string };

/** What goes wrong with the webhooks of one call. */
export interface WebhookFault<Type extends string = string> {
  /** `early`: the first one arrives before the POST is answered. `late`: each is held back by `delayMs`. */
  readonly mode: 'early' | 'lost' | 'repeated' | 'reordered' | 'late';
  readonly delayMs?: number;
  /** Limits the fault to one type of message. */
  readonly only?: Type;
}

/** What goes wrong with one request that is no placement. */
export type ReadFault = { readonly status: number } | 'cut' | 'silence';

/** An order for the next calls, or for the next calls to one number. Its parts are used up one by one. */
export interface Order<Fault extends { readonly kind: string }, Type extends string> {
  /** E.164 of the recipient; absent: whoever is called next. Reads know no number. */
  readonly number?: string;
  /** How many calls (or reads); 1 if absent. */
  readonly times?: number | 'always';
  readonly answer?: Fault;
  readonly call?: Partial<CallScript>;
  readonly webhooks?: WebhookFault<Type>;
  readonly read?: ReadFault;
}

interface Pending<Part> {
  readonly number: string | undefined;
  readonly part: Part;
  left: number;
}

class Line<Part> {
  private pending: Pending<Part>[] = [];

  add(part: Part, number: string | undefined, times: number | 'always' = 1): void {
    this.pending.push({ part, number, left: times === 'always' ? Infinity : times });
  }

  /** The oldest order for this very number, else the oldest one for anybody. */
  take(number?: string): Part | undefined {
    const found =
      this.pending.find((order) => order.number !== undefined && order.number === number) ??
      this.pending.find((order) => order.number === undefined);
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.pending = this.pending.filter((order) => order !== found);
    return found.part;
  }
}

/** The faults that were ordered and have not happened yet. */
export class Faults<Fault extends { readonly kind: string }, Type extends string> {
  private answers = new Line<Fault>();
  private scripts = new Line<Partial<CallScript>>();
  private webhooks = new Line<WebhookFault<Type>>();
  private reads = new Line<ReadFault>();

  order({ number, times, answer, call, webhooks, read }: Order<Fault, Type>): void {
    if (answer !== undefined) this.answers.add(answer, number, times);
    if (call !== undefined) this.scripts.add(call, number, times);
    if (webhooks !== undefined) this.webhooks.add(webhooks, number, times);
    if (read !== undefined) this.reads.add(read, undefined, times);
  }

  takeAnswer(number: string | undefined): Fault | undefined {
    return this.answers.take(number);
  }

  takeScript(number: string | undefined): Partial<CallScript> | undefined {
    return this.scripts.take(number);
  }

  takeWebhooks(number: string | undefined): WebhookFault<Type> | undefined {
    return this.webhooks.take(number);
  }

  takeRead(): ReadFault | undefined {
    return this.reads.take();
  }

  clear(): void {
    this.answers = new Line();
    this.scripts = new Line();
    this.webhooks = new Line();
    this.reads = new Line();
  }
}

/** What goes wrong with the answer to an API request. */
export type AnswerFault =
  /** An error answer, and nothing was done. */
  | { readonly kind: 'error'; readonly status: number; readonly code?: string }
  /** Done, and answered with an error all the same. */
  | { readonly kind: 'error-after'; readonly status?: number }
  /** The connection is reset, before or after it was done. */
  | { readonly kind: 'cut' | 'lost-answer' }
  /** Nothing is done, and no answer ever comes. */
  | { readonly kind: 'hang' }
  /** Done at once, its events go out, and the answer comes later. */
  | { readonly kind: 'slow'; readonly delayMs: number };

/** An order for the next API requests: all of them, or those with this method and path. */
export interface Order {
  readonly answer: AnswerFault;
  /** 1 if absent. */
  readonly times?: number | 'always';
  readonly method?: string;
  /** The whole path, or the source of a regular expression that begins with `^`. */
  readonly path?: string;
}

/** Orders are used up by the requests they fit, the oldest first. */
export class Faults {
  private pending: { readonly order: Order; left: number }[] = [];

  order(order: Order): void {
    this.pending.push({ order, left: order.times === 'always' ? Infinity : (order.times ?? 1) });
  }

  take(method: string, path: string): AnswerFault | undefined {
    const found = this.pending.find(({ order }) => fits(order, method, path));
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.pending = this.pending.filter((other) => other !== found);
    return found.order.answer;
  }

  clear(): void {
    this.pending = [];
  }
}

function fits(order: Order, method: string, path: string): boolean {
  if (order.method !== undefined && order.method !== method) return false;
  if (order.path === undefined) return true;
  return order.path.startsWith('^') ? new RegExp(order.path).test(path) : order.path === path;
}

import { chooseLine, type Destination, type Line, mayCall } from './choose-line';

/** A way to place a call: an assistant at a provider. */
export interface Route {
  readonly providerId: string;
  readonly assistantId: string;
}

/** A due call as far as its assignment goes. */
export interface AssignableCall extends Destination {
  readonly id: string;
  /** Only routes that the template's and the user's pins allow. */
  readonly routes: readonly Route[];
  /** Providers that could not be reached for this very call a moment ago. */
  readonly avoidProviderIds: readonly string[];
}

/** What a provider can take on in this claim. */
export interface Capacity {
  readonly id: string;
  /** 1 is asked first. */
  readonly priority: number;
  readonly free: number;
  /** The one unused longest first. */
  readonly phoneNumbers: readonly Line[];
  /** Active assistants: our id → the vendor's id. */
  readonly assistants: ReadonlyMap<string, string>;
}

export interface Assignment<C extends AssignableCall> {
  readonly call: C;
  readonly providerId: string;
  readonly phoneNumber: Line;
  readonly assistant: { readonly id: string; readonly externalId: string };
}

/**
 * Gives each call, in the given order, the best provider that can take it: the lowest priority number first, then
 * the one with more free slots. Of its numbers the nearest one calls (see `chooseLine`), and equals take turns, the one
 * unused longest first. A call that no provider can take now gets no assignment and holds nobody up.
 */
export function assignCalls<C extends AssignableCall>(
  calls: readonly C[],
  capacities: readonly Capacity[],
): readonly Assignment<C>[] {
  const remaining = capacities.map((capacity) => new RemainingCapacity(capacity));
  return calls.flatMap((call) => assign(call, remaining) ?? []);
}

/**
 * Whether none of the providers that have room for the call has a number that may call its destination. More room
 * would not help it.
 */
export function lacksLine(call: AssignableCall, capacities: readonly Capacity[]): boolean {
  const able = capacities.filter(
    ({ id, free }) =>
      free > 0 && call.routes.some((route) => route.providerId === id) && !call.avoidProviderIds.includes(id),
  );
  return able.length > 0 && able.every(({ phoneNumbers }) => !phoneNumbers.some((line) => mayCall(line, call.country)));
}

function assign<C extends AssignableCall>(call: C, remaining: readonly RemainingCapacity[]): Assignment<C> | undefined {
  for (const capacity of bestFirst(remaining)) {
    const assignment = capacity.take(call);
    if (assignment) return assignment;
  }
  return undefined;
}

function bestFirst(capacities: readonly RemainingCapacity[]): readonly RemainingCapacity[] {
  return [...capacities].sort((a, b) => a.priority - b.priority || b.free - a.free);
}

class RemainingCapacity {
  readonly priority: number;
  free: number;
  /** The one unused longest first. */
  private lines: readonly Line[];

  constructor(private readonly capacity: Capacity) {
    this.priority = capacity.priority;
    this.free = capacity.free;
    this.lines = capacity.phoneNumbers;
  }

  take<C extends AssignableCall>(call: C): Assignment<C> | undefined {
    const { id, assistants } = this.capacity;
    if (this.free <= 0 || call.avoidProviderIds.includes(id)) return undefined;
    const assistantId = call.routes.find((route) => route.providerId === id)?.assistantId;
    const externalId = assistantId === undefined ? undefined : assistants.get(assistantId);
    if (assistantId === undefined || externalId === undefined) return undefined;
    const phoneNumber = chooseLine(this.lines, call);
    if (!phoneNumber) return undefined;
    this.free -= 1;
    this.lines = [...this.lines.filter((line) => line !== phoneNumber), phoneNumber];
    return { call, providerId: id, phoneNumber, assistant: { id: assistantId, externalId } };
  }
}

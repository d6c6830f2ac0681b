/** A way to place a call: an assistant at a provider. */
export interface Route {
  readonly providerId: string;
  readonly assistantId: string;
}

/** A due call as far as its assignment goes. */
export interface AssignableCall {
  readonly id: string;
  /** Only routes that the template's and the user's pins allow. */
  readonly routes: readonly Route[];
  /** Providers that could not be reached for this very call a moment ago. */
  readonly avoidProviderIds: readonly string[];
}

export interface Line {
  readonly id: string;
  readonly externalId: string;
  readonly fullNumber: string;
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
 * the one with more free slots. Numbers of a provider take turns, the one unused longest first. A call that no
 * provider can take now gets no assignment and holds nobody up.
 */
export function assignCalls<C extends AssignableCall>(
  calls: readonly C[],
  capacities: readonly Capacity[],
): readonly Assignment<C>[] {
  const remaining = capacities.map((capacity) => new RemainingCapacity(capacity));
  return calls.flatMap((call) => assign(call, remaining) ?? []);
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
  private turn = 0;

  constructor(private readonly capacity: Capacity) {
    this.priority = capacity.priority;
    this.free = capacity.free;
  }

  take<C extends AssignableCall>(call: C): Assignment<C> | undefined {
    const { id, phoneNumbers, assistants } = this.capacity;
    if (this.free <= 0 || call.avoidProviderIds.includes(id)) return undefined;
    const assistantId = call.routes.find((route) => route.providerId === id)?.assistantId;
    const externalId = assistantId === undefined ? undefined : assistants.get(assistantId);
    const phoneNumber = phoneNumbers[this.turn % Math.max(phoneNumbers.length, 1)];
    if (assistantId === undefined || externalId === undefined || !phoneNumber) return undefined;
    this.free -= 1;
    this.turn += 1;
    return { call, providerId: id, phoneNumber, assistant: { id: assistantId, externalId } };
  }
}

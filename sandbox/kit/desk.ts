import { type CallScript, type Endings, randomScript } from './call-script';
import type { Faults } from './faults';
import type { Json } from './json';
import type { Lifecycle } from './lifecycle';
import type { Random } from './random';
import type { Records } from './records';
import type { StandInCall } from './stand-in-call';
import type { Timers } from './timers';
import type { WebhookStreams } from './webhook-streams';

/** What the routes of every stand-in work with. */
export interface Desk<Call extends StandInCall, Fault extends { readonly kind: string }, Type extends string> {
  readonly calls: Map<string, Call>;
  readonly faults: Faults<Fault, Type>;
  readonly records: Records;
  readonly lifecycle: Lifecycle<Call>;
  readonly streams: WebhookStreams;
  readonly timers: Timers;
  readonly random: Random;
  readonly script: ((request: Json) => Partial<CallScript> | undefined) | undefined;
}

/** How a new call goes: drawn by lot, unless the stand-in's options or an order say otherwise. */
export function drawScript<Call extends StandInCall, Fault extends { readonly kind: string }, Type extends string>(
  { random, script, faults }: Desk<Call, Fault, Type>,
  endings: Endings,
  { request, number }: { readonly request: Json; readonly number: string | undefined },
): CallScript {
  return { ...randomScript(random, endings), ...script?.(request), ...faults.takeScript(number) };
}

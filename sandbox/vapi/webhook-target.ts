import { object } from '../kit/json';
import type { WebhookTarget } from '../kit/webhook-sender';
import type { SandboxCall } from './sandbox-call';

const DEFAULT_TIMEOUT_SECONDS = 20;

/** The server that the request names, with its headers and its backoff plan; undefined where it names none. */
export function targetOf(call: SandboxCall): WebhookTarget | undefined {
  const server = object(call.overrides.server);
  if (typeof server.url !== 'string') return undefined;
  const plan = object(server.backoffPlan);
  const baseMs = Number(plan.baseDelaySeconds ?? 0) * 1000;
  const headers = Object.entries(object(server.headers)).map(([name, value]) => [name, String(value)]);
  return {
    url: server.url,
    headers: () => Object.fromEntries(headers) as Record<string, string>,
    timeoutMs: Number(server.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
    // Without a plan nothing is sent twice.
    maxRetries: Number(plan.maxRetries ?? 0),
    delayMs: (retry) => (plan.type === 'exponential' ? baseMs * 2 ** retry : baseMs),
    excludedStatusCodes: Array.isArray(plan.excludedStatusCodes) ? plan.excludedStatusCodes.map(Number) : [],
  };
}

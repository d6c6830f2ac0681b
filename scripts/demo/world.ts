import { readLocalSecrets } from '../../src/local/local-secrets';
import { DEMO_USER } from '../../src/local/prepare-local-mode';
import { accessToken } from '../access-token';
import { ApiClient } from './api-client';
import type { Assistant, Provider, Queue, StandInState } from './api-types';
import { pollUntil } from './poll-until';
import type { ServiceProcess } from './service-process';

/** An administrator needs no account, only a token that says so. */
const ADMINISTRATOR = '00000000-0000-4000-8000-0000000000ad';
const IMPORT_TIMEOUT_MS = 30_000;

/** Everything that the demo talks to. */
export interface World {
  readonly service: ServiceProcess;
  readonly admin: ApiClient;
  readonly provider: Provider;
  readonly assistants: readonly Assistant[];
  readonly stopped: AbortSignal;
  clientOf(userId: string): Promise<ApiClient>;
  /** What Vapi's stand-in itself has seen. */
  standIn(): Promise<StandInState>;
}

/**
 * Meets the service as its administrator.
 * @throws an Error when the data directory knows a provider that is no stand-in: its phones would ring
 */
export async function meet(service: ServiceProcess, dataDirectory: string, stopped: AbortSignal): Promise<World> {
  const secret = (await readLocalSecrets(dataDirectory))?.jwtSecret ?? '';
  const clientOf = async (userId: string, isAdmin = false): Promise<ApiClient> =>
    new ApiClient(service.url, await accessToken(secret, { userId, isAdmin }), stopped);
  const admin = await clientOf(ADMINISTRATOR, true);
  const provider = await pollUntil(() => soleStandIn(admin, stopped), { timeoutMs: IMPORT_TIMEOUT_MS, stopped });
  if (!provider) throw new Error(`No provider was registered, see ${service.logFile}`);
  const assistants = await pollUntil(() => assistantsOf(admin, provider), { timeoutMs: IMPORT_TIMEOUT_MS, stopped });
  return {
    service,
    admin,
    provider,
    assistants: assistants ?? [],
    stopped,
    clientOf: (userId) => clientOf(userId),
    standIn: () => stateOf(provider, stopped),
  };
}

export const demoUserId = DEMO_USER.id;

async function soleStandIn(admin: ApiClient, stopped: AbortSignal): Promise<Provider | undefined> {
  const providers = (await admin.all<Provider>('/v1/admin/providers')).filter(({ isActive }) => isActive);
  for (const provider of providers) {
    if (await isStandIn(provider, stopped)) continue;
    throw new Error(
      `The provider "${provider.name}" is no stand-in: the demo would ring real phones. Give it a directory of its own: DATA_DIR=.demo npm run demo`,
    );
  }
  return providers[0];
}

async function isStandIn(provider: Provider, stopped: AbortSignal): Promise<boolean> {
  if (!provider.baseUrl?.startsWith('http://127.0.0.1:')) return false;
  return stateOf(provider, stopped).then(
    () => true,
    () => false,
  );
}

async function stateOf({ baseUrl }: Provider, stopped: AbortSignal): Promise<StandInState> {
  const response = await fetch(`${baseUrl ?? ''}/sandbox/state`, { signal: stopped });
  if (!response.ok) throw new Error(`The stand-in answers ${response.status}`);
  return (await response.json()) as StandInState;
}

async function assistantsOf(admin: ApiClient, { id }: Provider): Promise<readonly Assistant[] | undefined> {
  const assistants = await admin.all<Assistant>('/v1/admin/assistants');
  const usable = assistants.filter(({ providerId, isActive }) => providerId === id && isActive);
  return usable.length > 0 ? usable : undefined;
}

/** How many calls the provider takes at once, as the queue shows it. */
export async function readQueue({ admin, provider }: World): Promise<Queue & { readonly limit: number }> {
  const queue = await admin.get<Queue>('/v1/admin/queue');
  return { ...queue, limit: queue.providers.find(({ id }) => id === provider.id)?.concurrencyLimit ?? 0 };
}

import { retell } from './adapters/retell/retell.provider';
import { vapi } from './adapters/vapi/vapi.provider';
import type { ProviderDefinition } from './provider-definition';

/** Every vendor that the service can work with. A new one is a folder under `adapters/`, and a line here. */
export const registry: readonly ProviderDefinition[] = [vapi, retell];

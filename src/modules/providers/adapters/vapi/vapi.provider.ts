import type { ProviderDefinition } from '../../provider-definition';
import { VapiCallProvider } from './vapi-call-provider';

export const vapi: ProviderDefinition = {
  driver: 'vapi',
  needsWebhookSecret: true,
  connect: (account) => new VapiCallProvider(account),
};

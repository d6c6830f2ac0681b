import type { ProviderDefinition } from '../../provider-definition';
import { RetellCallProvider } from './retell-call-provider';

export const retell: ProviderDefinition = {
  driver: 'retell',
  needsWebhookSecret: false,
  connect: (account) => new RetellCallProvider(account),
};

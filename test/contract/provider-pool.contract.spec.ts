import { makeDrizzleProviderWorld } from '../support/drizzle-provider-world';
import { FakeCallProvider } from '../support/fakes/fake-call-provider';
import { InMemoryProviderPool } from '../support/fakes/in-memory-provider-pool';
import { describeProviderPool, type PoolWorld } from './provider-pool.contract';

describeProviderPool('in memory', () => Promise.resolve(makeInMemoryWorld()));
describeProviderPool('PostgreSQL', makeDrizzleProviderWorld);

function makeInMemoryWorld(): PoolWorld {
  const pool = new InMemoryProviderPool();
  return {
    pool,
    run: (work) => work(),
    provider: async (seed) => pool.addProvider({ ...seed, driver: new FakeCallProvider() }),
    phoneNumber: async (providerId, seed) => pool.addPhoneNumber(providerId, seed),
    assistant: async (providerId, seed) => pool.addAssistant(providerId, seed),
    suspend: async (providerId, isSuspended) => pool.suspend(providerId, isSuspended),
    elapse: async (milliseconds) => pool.elapse(milliseconds),
    close: () => Promise.resolve(),
  };
}

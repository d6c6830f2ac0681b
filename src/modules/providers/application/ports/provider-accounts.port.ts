import type { Page, PageRequest } from '../../../../shared/kernel/page';
import type { NewProvider, Provider, ProviderChanges, Suspension } from '../../domain/provider';

/** A pause to make by hand. */
export type NewSuspension = Pick<Suspension, 'until' | 'reason'>;

/** The stored providers. */
export abstract class ProviderAccounts {
  abstract list(request: PageRequest): Promise<Page<Provider>>;
  abstract find(id: string): Promise<Provider | undefined>;

  /** Reads the provider and keeps others from changing it until the surrounding unit of work ends. */
  abstract lock(id: string): Promise<Provider | undefined>;

  /** Of every provider, in the order in which they are locked. */
  abstract ids(): Promise<readonly string[]>;

  /** @throws DomainError `providers.name_taken` */
  abstract add(provider: NewProvider): Promise<Provider>;

  /**
   * Undefined when there is no such provider. A new concurrency limit forgets what refusals made of the old one.
   * @throws DomainError `providers.name_taken`
   */
  abstract change(id: string, changes: ProviderChanges): Promise<Provider | undefined>;

  /** Stores the same credentials as another key encrypts them. Undefined when there is no such provider. */
  abstract reencrypt(id: string, encryptedCredentials: string): Promise<Provider | undefined>;

  /**
   * Pauses the provider by hand, or changes that pause. Undefined when there is no such provider, and when `until` is
   * not ahead of the database's clock.
   */
  abstract suspend(id: string, suspension: NewSuspension): Promise<Provider | undefined>;

  /**
   * Ends pauses of any kind, closes the breaker, forgets refusals for concurrency, and wakes dispatchers once the
   * surrounding unit of work has committed. Undefined when there is no such provider.
   */
  abstract resume(id: string): Promise<Provider | undefined>;

  /** Whether there was such a provider. @throws DomainError `providers.in_use` */
  abstract remove(id: string): Promise<boolean>;

  /** Makes this the only instance that registers providers, until the surrounding unit of work ends. */
  abstract lockRegistration(): Promise<void>;

  /** The ids of the providers with the driver, oldest first, and whether any number or assistant is known. */
  abstract ofDriver(driver: string): Promise<readonly { readonly id: string; readonly isEmpty: boolean }[]>;
}

import type { Page, PageRequest } from '../../../../shared/kernel/page';
import type { NewProvider, Provider, ProviderChanges } from '../../domain/provider';

/** The stored providers. */
export abstract class ProviderAccounts {
  abstract list(request: PageRequest): Promise<Page<Provider>>;
  abstract find(id: string): Promise<Provider | undefined>;

  /** Reads the provider and keeps others from changing it until the surrounding unit of work ends. */
  abstract lock(id: string): Promise<Provider | undefined>;

  /** @throws DomainError `providers.name_taken` */
  abstract add(provider: NewProvider): Promise<Provider>;

  /** Undefined when there is no such provider. @throws DomainError `providers.name_taken` */
  abstract change(id: string, changes: ProviderChanges): Promise<Provider | undefined>;

  /** Whether there was such a provider. @throws DomainError `providers.in_use` */
  abstract remove(id: string): Promise<boolean>;

  /** Makes this the only instance that registers providers, until the surrounding unit of work ends. */
  abstract lockRegistration(): Promise<void>;

  /** The ids of the providers with the driver, oldest first, and whether any number or assistant is known. */
  abstract ofDriver(driver: string): Promise<readonly { readonly id: string; readonly isEmpty: boolean }[]>;
}

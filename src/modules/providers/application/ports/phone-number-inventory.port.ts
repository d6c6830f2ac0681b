import type { Page, PageRequest } from '../../../../shared/kernel/page';
import type { NewPhoneNumber, PhoneNumber, PhoneNumberChanges } from '../../domain/phone-number';

/** The stored phone numbers of all providers. */
export abstract class PhoneNumberInventory {
  abstract list(request: PageRequest): Promise<Page<PhoneNumber>>;
  abstract find(id: string): Promise<PhoneNumber | undefined>;

  /** Reads the number and keeps others from changing it until the surrounding unit of work ends. */
  abstract lock(id: string): Promise<PhoneNumber | undefined>;

  /** Every number of the provider. */
  abstract ofProvider(providerId: string): Promise<readonly PhoneNumber[]>;

  /** @throws DomainError `providers.phone_number_taken`, `request.invalid` when the provider doesn't exist */
  abstract add(phoneNumber: NewPhoneNumber): Promise<PhoneNumber>;

  /**
   * Undefined when there is no such number. Switching a number on ends its quarantine.
   * @throws DomainError `providers.phone_number_taken`
   */
  abstract change(id: string, changes: PhoneNumberChanges): Promise<PhoneNumber | undefined>;

  /** Whether there was such a number. @throws DomainError `providers.in_use` */
  abstract remove(id: string): Promise<boolean>;
}

import { DomainError } from '../../../shared/kernel/domain-error';

export class ProviderNotFound extends DomainError {
  constructor() {
    super('providers.not_found', 'not-found', 'There is no such provider.');
  }
}

export class PhoneNumberNotFound extends DomainError {
  constructor() {
    super('providers.phone_number_not_found', 'not-found', 'There is no such phone number.');
  }
}

export class AssistantNotFound extends DomainError {
  constructor() {
    super('providers.assistant_not_found', 'not-found', 'There is no such assistant.');
  }
}

export class ProviderNameTaken extends DomainError {
  constructor() {
    super('providers.name_taken', 'conflict', 'Another provider has this name.');
  }
}

export class PhoneNumberTaken extends DomainError {
  constructor() {
    super('providers.phone_number_taken', 'conflict', 'The provider already has a phone number with this phoneId.');
  }
}

export class AssistantTaken extends DomainError {
  constructor() {
    super('providers.assistant_taken', 'conflict', 'The provider already has an assistant with this externalId.');
  }
}

export class StillInUse extends DomainError {
  constructor(what: 'provider' | 'phone number' | 'assistant') {
    super(
      'providers.in_use',
      'conflict',
      `The ${what} is still referred to and cannot be deleted. Deactivate it instead (isActive: false).`,
    );
  }
}

/** A field whose value cannot be; the edge answers it like any other invalid request. */
export class InvalidField extends DomainError {
  constructor(path: string, message: string) {
    super('request.invalid', 'invalid', 'The request is not valid.', [{ path, message }]);
  }
}

/** A provider that another version of the service, or somebody by hand, has written. Other providers are not concerned. */
export class DriverUnknown extends DomainError {
  constructor(driver: string) {
    super('providers.driver_unknown', 'unavailable', `This version of the service has no driver "${driver}".`);
  }
}

/** The stored credentials cannot be decrypted. Other providers are not concerned. */
export class CredentialsUnreadable extends DomainError {
  constructor(provider: string, keyId: string, reason: string) {
    super(
      'providers.credentials_unreadable',
      'unavailable',
      `The credentials of provider ${provider}, encrypted with key "${keyId}", cannot be read: ${reason}. ` +
        'Put the key back into CREDENTIALS_KEYS or set the credentials anew.',
    );
  }
}

/** The vendor cannot be asked just now, or refuses the account's key. */
export class VendorUnavailable extends DomainError {
  constructor(detail: string) {
    super('providers.vendor_unavailable', 'unavailable', detail);
  }
}

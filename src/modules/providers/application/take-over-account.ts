import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../../shared/kernel/audit-trail.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { ImportCounts } from '../domain/import-plan';
import type { VendorAssistant, VendorPhoneNumber } from '../public/call-provider.port';
import { ImportAssistants } from './import-assistants';
import { ImportPhoneNumbers } from './import-phone-numbers';

export interface AccountImport {
  readonly phoneNumbers: ImportCounts;
  readonly assistants: ImportCounts;
}

/** What a vendor lists of an account. */
export interface VendorInventory {
  readonly phoneNumbers: readonly VendorPhoneNumber[];
  readonly assistants: readonly VendorAssistant[];
}

/** Makes a provider's numbers and assistants match what its vendor lists, all of it or nothing. */
@Injectable()
export class TakeOverAccount {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly importPhoneNumbers: ImportPhoneNumbers,
    private readonly importAssistants: ImportAssistants,
    private readonly auditTrail: AuditTrail,
  ) {}

  /** @throws DomainError `providers.not_found` */
  execute(providerId: string, listed: VendorInventory): Promise<AccountImport> {
    return this.unitOfWork.run(async () => {
      const phoneNumbers = await this.importPhoneNumbers.execute(providerId, listed.phoneNumbers);
      const assistants = await this.importAssistants.execute(providerId, listed.assistants);
      const subject = { kind: 'provider', id: providerId };
      const after = { phoneNumbers, assistants };
      await this.auditTrail.record({ action: 'provider.import', subject, before: null, after });
      return after;
    });
  }
}

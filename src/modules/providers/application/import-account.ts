import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { ImportCounts } from '../domain/import-plan';
import { ConnectProvider } from './connect-provider';
import { ImportAssistants } from './import-assistants';
import { ImportPhoneNumbers } from './import-phone-numbers';

export interface AccountImport {
  readonly phoneNumbers: ImportCounts;
  readonly assistants: ImportCounts;
}

/** Takes over the phone numbers and assistants of a vendor's account. The vendor is asked before anything is locked. */
@Injectable()
export class ImportAccount {
  constructor(
    private readonly connectProvider: ConnectProvider,
    private readonly unitOfWork: UnitOfWork,
    private readonly importPhoneNumbers: ImportPhoneNumbers,
    private readonly importAssistants: ImportAssistants,
  ) {}

  /** @throws DomainError `providers.not_found`, `providers.credentials_unreadable`, `providers.vendor_unavailable` */
  async execute(providerId: string): Promise<AccountImport> {
    const vendor = await this.connectProvider.execute(providerId);
    const [phoneNumbers, assistants] = await Promise.all([vendor.listPhoneNumbers(), vendor.listAssistants()]);
    return this.unitOfWork.run(async () => ({
      phoneNumbers: await this.importPhoneNumbers.execute(providerId, phoneNumbers),
      assistants: await this.importAssistants.execute(providerId, assistants),
    }));
  }
}

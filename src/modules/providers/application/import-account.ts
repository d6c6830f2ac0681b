import { Injectable } from '@nestjs/common';
import { ConnectProvider } from './connect-provider';
import { type AccountImport, TakeOverAccount } from './take-over-account';

/** Takes over the phone numbers and assistants of a vendor's account. The vendor is asked before anything is locked. */
@Injectable()
export class ImportAccount {
  constructor(
    private readonly connectProvider: ConnectProvider,
    private readonly takeOverAccount: TakeOverAccount,
  ) {}

  /** @throws DomainError `providers.not_found`, `providers.credentials_unreadable`, `providers.vendor_unavailable` */
  async execute(providerId: string): Promise<AccountImport> {
    const vendor = await this.connectProvider.execute(providerId);
    const [phoneNumbers, assistants] = await Promise.all([vendor.listPhoneNumbers(), vendor.listAssistants()]);
    return this.takeOverAccount.execute(providerId, { phoneNumbers, assistants });
  }
}

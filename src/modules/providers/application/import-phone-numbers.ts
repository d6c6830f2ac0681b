import { Injectable } from '@nestjs/common';
import { type ImportCounts, planImport } from '../domain/import-plan';
import type { PhoneNumber } from '../domain/phone-number';
import { ProviderNotFound } from '../domain/providers.errors';
import type { VendorPhoneNumber } from '../public/call-provider.port';
import { NumberingPlan } from './ports/numbering-plan.port';
import { PhoneNumberInventory } from './ports/phone-number-inventory.port';
import { ProviderAccounts } from './ports/provider-accounts.port';

/** Makes a provider's phone numbers match the vendor's. Runs in a unit of work; locks the provider, so imports queue up. */
@Injectable()
export class ImportPhoneNumbers {
  constructor(
    private readonly accounts: ProviderAccounts,
    private readonly inventory: PhoneNumberInventory,
    private readonly numberingPlan: NumberingPlan,
  ) {}

  /** @throws DomainError `providers.not_found` */
  async execute(providerId: string, vendorNumbers: readonly VendorPhoneNumber[]): Promise<ImportCounts> {
    if (!(await this.accounts.lock(providerId))) throw new ProviderNotFound();
    const known = await this.inventory.ofProvider(providerId);
    const plan = planImport(known.map(asKnown), vendorNumbers.map(asOffered));
    for (const offered of plan.create) await this.create(providerId, offered);
    for (const { known: ours, offered } of plan.update) {
      await this.inventory.change(ours.id, {
        fullNumber: offered.fullNumber,
        ...this.numberingPlan.split(offered.fullNumber),
      });
    }
    for (const { id } of plan.deactivate) await this.inventory.change(id, { isActive: false });
    return { created: plan.create.length, updated: plan.update.length, deactivated: plan.deactivate.length };
  }

  private async create(providerId: string, { externalId, fullNumber }: VendorPhoneNumber): Promise<void> {
    const parts = this.numberingPlan.split(fullNumber);
    const fixed = { isActive: true, capabilities: ['voice'] };
    await this.inventory.add({ providerId, phoneId: externalId, fullNumber, ...parts, ...fixed });
  }
}

const asKnown = (number: PhoneNumber) => ({ ...number, externalId: number.phoneId, content: number.fullNumber });
const asOffered = (number: VendorPhoneNumber) => ({ ...number, content: number.fullNumber });

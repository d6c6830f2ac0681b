import { Injectable } from '@nestjs/common';
import { limitedTo, VOICE } from '../domain/capabilities';
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
    const ours = new Map(known.map((number) => [number.phoneId, number.capabilities]));
    const offers = vendorNumbers.map((number) => asOffered(number, ours.get(number.externalId)));
    const plan = planImport(known.map(asKnown), offers);
    for (const offered of plan.create) await this.create(providerId, offered);
    for (const {
      known: { id },
      offered,
    } of plan.update)
      await this.inventory.change(id, this.contentOf(offered));
    for (const { id } of plan.deactivate) await this.inventory.change(id, { isActive: false });
    return { created: plan.create.length, updated: plan.update.length, deactivated: plan.deactivate.length };
  }

  private async create(providerId: string, offered: OfferedNumber): Promise<void> {
    await this.inventory.add({ providerId, phoneId: offered.externalId, isActive: true, ...this.contentOf(offered) });
  }

  private contentOf({ fullNumber, capabilities }: OfferedNumber) {
    return { fullNumber, capabilities, ...this.numberingPlan.split(fullNumber) };
  }
}

type OfferedNumber = ReturnType<typeof asOffered>;

/** What a vendor limits, an administrator may limit further; so limits of our own stay as they are. */
function asOffered(number: VendorPhoneNumber, ours: readonly string[] = [VOICE]) {
  const capabilities = limitedTo(ours, number.destinations);
  return { ...number, capabilities, content: contentOf(number.fullNumber, capabilities) };
}

const asKnown = (number: PhoneNumber) => ({
  ...number,
  externalId: number.phoneId,
  content: contentOf(number.fullNumber, number.capabilities),
});

const contentOf = (...content: [fullNumber: string, capabilities: readonly string[]]) => JSON.stringify(content);

import { Injectable } from '@nestjs/common';
import type { Assistant } from '../domain/assistant';
import { type ImportCounts, planImport } from '../domain/import-plan';
import { ProviderNotFound } from '../domain/providers.errors';
import type { VendorAssistant } from '../public/call-provider.port';
import { AssistantInventory } from './ports/assistant-inventory.port';
import { ProviderAccounts } from './ports/provider-accounts.port';

/** Makes a provider's assistants match the vendor's. Runs in a unit of work; locks the provider, so imports queue up. */
@Injectable()
export class ImportAssistants {
  constructor(
    private readonly accounts: ProviderAccounts,
    private readonly inventory: AssistantInventory,
  ) {}

  /** @throws DomainError `providers.not_found` */
  async execute(providerId: string, vendorAssistants: readonly VendorAssistant[]): Promise<ImportCounts> {
    if (!(await this.accounts.lock(providerId))) throw new ProviderNotFound();
    const known = await this.inventory.ofProvider(providerId);
    const plan = planImport(known.map(asKnown), vendorAssistants.map(asOffered));
    for (const { externalId, name } of plan.create) {
      await this.inventory.add({ providerId, externalId, name, isActive: true });
    }
    for (const { known: ours, offered } of plan.update) await this.inventory.change(ours.id, { name: offered.name });
    for (const { id } of plan.deactivate) await this.inventory.change(id, { isActive: false });
    return { created: plan.create.length, updated: plan.update.length, deactivated: plan.deactivate.length };
  }
}

const asKnown = (assistant: Assistant) => ({ ...assistant, content: assistant.name });
const asOffered = (assistant: VendorAssistant) => ({ ...assistant, content: assistant.name, isUsable: true });

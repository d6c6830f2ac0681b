import type { Page, PageRequest } from '../../../../shared/kernel/page';
import type { Snapshot } from '../../../../shared/kernel/snapshot';
import { AssistantInventory } from '../../application/ports/assistant-inventory.port';
import type { Assistant, AssistantChanges, NewAssistant } from '../../domain/assistant';
import type { AuditLog } from './audit-log';

/** Assistants whose every change by hand or by import leaves an audit entry. */
export class AuditedAssistantInventory extends AssistantInventory {
  constructor(
    private readonly inventory: AssistantInventory,
    private readonly log: AuditLog,
  ) {
    super();
  }

  add(assistant: NewAssistant): Promise<Assistant> {
    return this.log.together(async () => {
      const added = await this.inventory.add(assistant);
      await this.log.created('assistant', added.id, snapshot(added));
      return added;
    });
  }

  change(id: string, changes: AssistantChanges): Promise<Assistant | undefined> {
    return this.log.together(async () => {
      const before = await this.inventory.lock(id);
      const after = before && (await this.inventory.change(id, changes));
      if (before && after) {
        await this.log.changed({ action: 'change', kind: 'assistant', id }, snapshot(before), snapshot(after));
      }
      return after;
    });
  }

  remove(id: string): Promise<boolean> {
    return this.log.together(async () => {
      const before = await this.inventory.lock(id);
      if (!before || !(await this.inventory.remove(id))) return false;
      await this.log.removed('assistant', id, snapshot(before));
      return true;
    });
  }

  list(request: PageRequest): Promise<Page<Assistant>> {
    return this.inventory.list(request);
  }

  find(id: string): Promise<Assistant | undefined> {
    return this.inventory.find(id);
  }

  lock(id: string): Promise<Assistant | undefined> {
    return this.inventory.lock(id);
  }

  ofProvider(providerId: string): Promise<readonly Assistant[]> {
    return this.inventory.ofProvider(providerId);
  }
}

function snapshot({ providerId, externalId, name, isActive }: Assistant): Snapshot {
  return { providerId, externalId, name, isActive };
}

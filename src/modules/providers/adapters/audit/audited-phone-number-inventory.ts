import type { Page, PageRequest } from '../../../../shared/kernel/page';
import type { Snapshot } from '../../../../shared/kernel/snapshot';
import { PhoneNumberInventory } from '../../application/ports/phone-number-inventory.port';
import type { NewPhoneNumber, PhoneNumber, PhoneNumberChanges } from '../../domain/phone-number';
import type { AuditLog } from './audit-log';

/** Phone numbers whose every change by hand or by import leaves an audit entry. */
export class AuditedPhoneNumberInventory extends PhoneNumberInventory {
  constructor(
    private readonly inventory: PhoneNumberInventory,
    private readonly log: AuditLog,
  ) {
    super();
  }

  add(phoneNumber: NewPhoneNumber): Promise<PhoneNumber> {
    return this.log.together(async () => {
      const added = await this.inventory.add(phoneNumber);
      await this.log.created('phone_number', added.id, snapshot(added));
      return added;
    });
  }

  change(id: string, changes: PhoneNumberChanges): Promise<PhoneNumber | undefined> {
    return this.log.together(async () => {
      const before = await this.inventory.lock(id);
      const after = before && (await this.inventory.change(id, changes));
      if (before && after) {
        await this.log.changed({ action: 'change', kind: 'phone_number', id }, snapshot(before), snapshot(after));
      }
      return after;
    });
  }

  remove(id: string): Promise<boolean> {
    return this.log.together(async () => {
      const before = await this.inventory.lock(id);
      if (!before || !(await this.inventory.remove(id))) return false;
      await this.log.removed('phone_number', id, snapshot(before));
      return true;
    });
  }

  list(request: PageRequest): Promise<Page<PhoneNumber>> {
    return this.inventory.list(request);
  }

  find(id: string): Promise<PhoneNumber | undefined> {
    return this.inventory.find(id);
  }

  lock(id: string): Promise<PhoneNumber | undefined> {
    return this.inventory.lock(id);
  }

  ofProvider(providerId: string): Promise<readonly PhoneNumber[]> {
    return this.inventory.ofProvider(providerId);
  }
}

/** What an administrator or the vendor decides, and the quarantine, which switching a number on ends. */
function snapshot(phoneNumber: PhoneNumber): Snapshot {
  return {
    providerId: phoneNumber.providerId,
    phoneId: phoneNumber.phoneId,
    countryCode: phoneNumber.countryCode,
    areaCode: phoneNumber.areaCode,
    phoneNumber: phoneNumber.phoneNumber,
    fullNumber: phoneNumber.fullNumber,
    isActive: phoneNumber.isActive,
    capabilities: phoneNumber.capabilities,
    quarantinedUntil: phoneNumber.quarantinedUntil,
    quarantineReason: phoneNumber.quarantineReason,
  };
}

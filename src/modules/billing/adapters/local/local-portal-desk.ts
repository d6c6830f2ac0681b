import { Injectable } from '@nestjs/common';
import { type CustomerFile, LocalCustomers } from './local-customers';
import type { PortalForm } from './local-forms.schemas';
import { LocalRecords } from './local-records';
import type { LocalPortal } from './local-records.schemas';
import type { Note } from './notes';
import { PORTAL_ACTIONS } from './portal-actions';

/** What the page of a customer shows. */
export interface PortalAtDesk {
  readonly portal: LocalPortal;
  readonly file: CustomerFile;
}

/** Serves who comes to see or change what they have bought. */
@Injectable()
export class LocalPortalDesk {
  constructor(
    private readonly records: LocalRecords,
    private readonly customers: LocalCustomers,
  ) {}

  /** @returns undefined for a page that doesn't exist */
  async look(id: string): Promise<PortalAtDesk | undefined> {
    const portal = await this.records.find('portal', id);
    return portal && this.customers.open(portal.customerId, (file) => Promise.resolve({ portal, file }));
  }

  /** Does what was chosen, if it is still on offer. @returns how that went; undefined for a page that doesn't exist */
  async act(id: string, form: PortalForm): Promise<Note | undefined> {
    const portal = await this.records.find('portal', id);
    return portal && this.customers.open(portal.customerId, (file) => this.actFor(file, form));
  }

  private async actFor(file: CustomerFile, form: PortalForm): Promise<Note> {
    const { customer } = file;
    if (customer.isDeleted) return 'outdated';
    switch (form.action) {
      case 'card-works':
      case 'card-declines':
        await this.records.save('customer', { ...customer, card: form.action === 'card-works' ? 'works' : 'declines' });
        return 'done';
      case 'delete':
        await this.customers.delete(file);
        return 'done';
      default:
        return this.actOn(file, form);
    }
  }

  private async actOn(
    { customer, subscriptions, now }: CustomerFile,
    form: Extract<PortalForm, { readonly subscription: string }>,
  ): Promise<Note> {
    const subscription = subscriptions.find(({ id }) => id === form.subscription);
    const action = PORTAL_ACTIONS[form.action];
    if (subscription?.revision !== form.revision || !action.isOffered(subscription)) return 'outdated';
    const changed = action.apply(subscription, { now, cardWorks: customer.card === 'works' });
    if (!changed) return 'declined';
    await this.customers.change(changed, form.action.replaceAll('-', '_'));
    return 'done';
  }
}

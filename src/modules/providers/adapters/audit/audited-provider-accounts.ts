import type { Page, PageRequest } from '../../../../shared/kernel/page';
import type { Snapshot } from '../../../../shared/kernel/snapshot';
import type { CredentialsCipher } from '../../application/ports/credentials-cipher.port';
import { type NewSuspension, ProviderAccounts } from '../../application/ports/provider-accounts.port';
import type { NewProvider, Provider, ProviderChanges } from '../../domain/provider';
import type { AuditLog } from './audit-log';

/** Accounts whose every change leaves an audit entry: whoever changes a provider through the port cannot forget it. */
export class AuditedProviderAccounts extends ProviderAccounts {
  constructor(
    private readonly accounts: ProviderAccounts,
    private readonly log: AuditLog,
    private readonly cipher: CredentialsCipher,
  ) {
    super();
  }

  add(provider: NewProvider): Promise<Provider> {
    return this.log.together(async () => {
      const added = await this.accounts.add(provider);
      await this.log.created('provider', added.id, this.snapshot(added));
      return added;
    });
  }

  change(id: string, changes: ProviderChanges): Promise<Provider | undefined> {
    return this.changing(id, async (before) => {
      const after = await this.accounts.change(id, changes);
      if (!after) return undefined;
      const snapshots = [this.snapshot(before), this.snapshot(after)] as const;
      if (changes.encryptedCredentials === undefined) await this.log.changed(subject('change', id), ...snapshots);
      else await this.log.done(subject('change_credentials', id), snapshots, ['credentials']);
      return after;
    });
  }

  reencrypt(id: string, encryptedCredentials: string): Promise<Provider | undefined> {
    return this.doing('rotate_credentials', id, () => this.accounts.reencrypt(id, encryptedCredentials));
  }

  suspend(id: string, suspension: NewSuspension): Promise<Provider | undefined> {
    return this.doing('pause', id, () => this.accounts.suspend(id, suspension));
  }

  resume(id: string): Promise<Provider | undefined> {
    return this.doing('resume', id, () => this.accounts.resume(id));
  }

  remove(id: string): Promise<boolean> {
    return this.log.together(async () => {
      const before = await this.accounts.lock(id);
      if (!before || !(await this.accounts.remove(id))) return false;
      await this.log.removed('provider', id, this.snapshot(before));
      return true;
    });
  }

  list(request: PageRequest): Promise<Page<Provider>> {
    return this.accounts.list(request);
  }

  ids(): Promise<readonly string[]> {
    return this.accounts.ids();
  }

  find(id: string): Promise<Provider | undefined> {
    return this.accounts.find(id);
  }

  lock(id: string): Promise<Provider | undefined> {
    return this.accounts.lock(id);
  }

  lockRegistration(): Promise<void> {
    return this.accounts.lockRegistration();
  }

  ofDriver(driver: string): Promise<readonly { readonly id: string; readonly isEmpty: boolean }[]> {
    return this.accounts.ofDriver(driver);
  }

  private doing(
    action: 'rotate_credentials' | 'pause' | 'resume',
    id: string,
    change: () => Promise<Provider | undefined>,
  ): Promise<Provider | undefined> {
    return this.changing(id, async (before) => {
      const after = await change();
      const shown = action === 'rotate_credentials' ? 'credentials' : 'suspension';
      if (after) await this.log.done(subject(action, id), [this.snapshot(before), this.snapshot(after)], [shown]);
      return after;
    });
  }

  private changing(
    id: string,
    change: (before: Provider) => Promise<Provider | undefined>,
  ): Promise<Provider | undefined> {
    return this.log.together(async () => {
      const before = await this.accounts.lock(id);
      return before && change(before);
    });
  }

  /** Named field by field, so that a secret never comes along. */
  private snapshot(provider: Provider): Snapshot {
    const { encryptedCredentials } = provider;
    return {
      name: provider.name,
      driver: provider.driver,
      type: provider.type,
      credentials: { set: encryptedCredentials !== '', keyId: this.cipher.keyIdOf(encryptedCredentials) },
      baseUrl: provider.baseUrl,
      concurrencyLimit: provider.concurrencyLimit,
      priority: provider.priority,
      isActive: provider.isActive,
      health: provider.health,
      suspension: provider.suspension && { until: provider.suspension.until, reason: provider.suspension.reason },
      pausedUntil: provider.pausedUntil,
      pauseReason: provider.pauseReason,
      effectiveLimit: provider.effectiveLimit,
    };
  }
}

const subject = (action: string, id: string) => ({ action, kind: 'provider', id }) as const;

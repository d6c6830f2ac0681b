import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { BaseUrlRule } from '../domain/base-url-rule';
import type { Provider, ProviderChanges } from '../domain/provider';
import type { ProviderCredentials } from '../domain/provider-credentials';
import { InvalidField, ProviderNotFound } from '../domain/providers.errors';
import { ProviderAccounts } from './ports/provider-accounts.port';
import { RenewCredentials } from './renew-credentials';

export type RequestedChanges = Omit<ProviderChanges, 'encryptedCredentials' | 'clearsHealth'> & {
  readonly credentials?: ProviderCredentials | undefined;
};

/** Changes what an administrator says about a provider. The driver stays: numbers and calls belong to its vendor. */
@Injectable()
export class ChangeProvider {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: ProviderAccounts,
    private readonly baseUrlRule: BaseUrlRule,
    private readonly renewCredentials: RenewCredentials,
  ) {}

  /** @throws DomainError `providers.not_found`, `providers.name_taken`, `request.invalid` */
  execute(id: string, { credentials, ...changes }: RequestedChanges): Promise<Provider> {
    return this.unitOfWork.run(async () => {
      const provider = await this.accounts.lock(id);
      if (!provider) throw new ProviderNotFound();
      if (changes.driver !== undefined && changes.driver !== provider.driver) {
        throw new InvalidField('driver', 'cannot be changed; create another provider instead');
      }
      const changed = await this.accounts.change(id, {
        ...changes,
        ...(changes.baseUrl ? { baseUrl: this.baseUrlRule.check(changes.baseUrl) } : {}),
        ...(credentials ? await this.renewed(provider, credentials) : {}),
      });
      if (!changed) throw new ProviderNotFound();
      return changed;
    });
  }

  private async renewed(provider: Provider, credentials: ProviderCredentials): Promise<ProviderChanges> {
    const encryptedCredentials = await this.renewCredentials.execute(provider, credentials);
    return { encryptedCredentials, clearsHealth: true };
  }
}

import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { Provider } from '../domain/provider';
import { ProviderNotFound } from '../domain/providers.errors';
import { ProviderAccounts } from './ports/provider-accounts.port';

/** Gives a provider calls again at once, whatever kept it from them: a pause of any kind, its breaker, a lowered limit. */
@Injectable()
export class ResumeProvider {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: ProviderAccounts,
  ) {}

  /** @throws DomainError `providers.not_found` */
  execute(id: string): Promise<Provider> {
    return this.unitOfWork.run(async () => {
      const resumed = await this.accounts.resume(id);
      if (!resumed) throw new ProviderNotFound();
      return resumed;
    });
  }
}

import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { Provider } from '../domain/provider';
import { InvalidField, ProviderNotFound } from '../domain/providers.errors';
import { type NewSuspension, ProviderAccounts } from './ports/provider-accounts.port';

/** Pauses a provider by hand: it gets no calls, and those under way finish. */
@Injectable()
export class PauseProvider {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: ProviderAccounts,
  ) {}

  /** @throws DomainError `providers.not_found`, `request.invalid` when the pause would be over already */
  execute(id: string, suspension: NewSuspension): Promise<Provider> {
    return this.unitOfWork.run(async () => {
      if (!(await this.accounts.lock(id))) throw new ProviderNotFound();
      const paused = await this.accounts.suspend(id, suspension);
      if (!paused) throw new InvalidField('until', 'must lie in the future');
      return paused;
    });
  }
}

import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { CreateProvider } from './create-provider';
import { ProviderAccounts } from './ports/provider-accounts.port';

/** An account that the configuration names. */
export interface InitialAccount {
  readonly driver: string;
  readonly apiKey: string;
  readonly baseUrl: string | undefined;
  readonly priority: number;
}

const CONCURRENCY_LIMIT = 10;

/** Registers an account that the configuration names, once: as long as no provider has its driver. */
@Injectable()
export class RegisterInitialProvider {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: ProviderAccounts,
    private readonly createProvider: CreateProvider,
  ) {}

  /**
   * The provider's id if it still waits for its first import.
   * @throws DomainError `request.invalid`, `providers.name_taken`
   */
  execute(account: InitialAccount): Promise<string | undefined> {
    return this.unitOfWork.run(async () => {
      await this.accounts.lockRegistration();
      const [known] = await this.accounts.ofDriver(account.driver);
      if (known) return known.isEmpty ? known.id : undefined;
      return this.register(account);
    });
  }

  private async register({ driver, apiKey, baseUrl, priority }: InitialAccount): Promise<string> {
    const { id } = await this.createProvider.execute({
      name: driver,
      driver,
      type: 'voice',
      credentials: { apiKey },
      baseUrl: baseUrl ?? null,
      concurrencyLimit: CONCURRENCY_LIMIT,
      priority,
      isActive: true,
    });
    return id;
  }
}

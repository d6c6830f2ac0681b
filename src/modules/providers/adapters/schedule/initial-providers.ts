import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { atMost } from '../../../../shared/kernel/at-most';
import { DomainError } from '../../../../shared/kernel/domain-error';
import { ImportAccount } from '../../application/import-account';
import { type InitialAccount, RegisterInitialProvider } from '../../application/register-initial-provider';

/** The accounts that the configuration names, the one to ask first in front. */
export class InitialAccounts {
  constructor(readonly accounts: readonly InitialAccount[]) {}
}

/** Listening waits this long for the vendors to answer; then the rest goes on in the background. */
const PATIENCE_MS = 2_000;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 300_000;

/**
 * Registers the configured accounts at the first start and imports their numbers and assistants. Whatever is in the
 * way (a vendor, the database, migrations that are still to run) is logged, and tried again until it succeeds.
 */
@Injectable()
export class InitialProviders implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Providers');
  private retry: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly initial: InitialAccounts,
    private readonly registerInitialProvider: RegisterInitialProvider,
    private readonly importAccount: ImportAccount,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.initial.accounts.length === 0) return;
    await atMost(PATIENCE_MS, this.setUp(this.initial.accounts, FIRST_RETRY_MS));
  }

  beforeApplicationShutdown(): void {
    this.isStopped = true;
    clearTimeout(this.retry);
  }

  private async setUp(accounts: readonly InitialAccount[], retryMs: number): Promise<void> {
    const results = await Promise.all(accounts.map((account) => this.setUpOne(account)));
    const failed = accounts.filter((_, index) => !results[index]);
    if (failed.length === 0 || this.isStopped) return;
    const nextMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    this.retry = setTimeout(() => void this.setUp(failed, nextMs), retryMs);
    this.retry.unref();
  }

  /** Whether nothing is left to do for the account. */
  private async setUpOne(account: InitialAccount): Promise<boolean> {
    try {
      const providerId = await this.registerInitialProvider.execute(account);
      if (providerId === undefined) return true;
      const { phoneNumbers, assistants } = await this.importAccount.execute(providerId);
      this.logger.log(
        `Provider ${account.driver} (${providerId}) is set up: ` +
          `${phoneNumbers.created} phone numbers, ${assistants.created} assistants imported`,
        { event: 'provider.set_up', providerId },
      );
      return true;
    } catch (error) {
      const isHopeless = error instanceof DomainError && (error.kind === 'invalid' || error.kind === 'conflict');
      this.logger.warn(
        `Provider ${account.driver} is not set up: ${reasonOf(error)} Check its API key and base URL in the environment, ` +
          `or add it with POST /v1/admin/providers.${isHopeless ? '' : ' This is tried again by itself.'}`,
      );
      return isHopeless;
    }
  }
}

/** What the caller of a route would be told; else the innermost cause, since a failed query carries its parameters. */
function reasonOf(error: unknown): string {
  if (error instanceof DomainError) {
    return error.message + (error.violations ?? []).map(({ path, message }) => ` ${path}: ${message}.`).join('');
  }
  if (!(error instanceof Error)) return 'unknown failure.';
  return error.cause instanceof Error ? reasonOf(error.cause) : `${error.message}.`;
}

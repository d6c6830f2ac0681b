import { Injectable, Logger } from '@nestjs/common';
import { UsageLedger } from '../../billing/public/usage-ledger.port';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import type { CallReport } from '../../providers/public/call-provider.port';
import { advanceAttempt, asRefusal } from '../domain/advance-attempt';
import { type AttemptAdvance, changesOf, inOrder } from './changes-of-advance';
import { Attempts, type LockedAttempt } from './ports/attempts.port';
import { ReportHealth } from './report-health';

/** What a vendor tells of one of its calls. */
export interface ProviderReport {
  readonly providerId: string;
  readonly report: CallReport;
}

interface OwnReport {
  readonly attemptId: string;
  readonly report: CallReport;
}

/** Advances attempts by what vendors tell of their calls, in the surrounding unit of work. */
@Injectable()
export class AdvanceAttempts {
  private readonly logger = new Logger(AdvanceAttempts.name);

  constructor(
    private readonly health: ReportHealth,
    private readonly attempts: Attempts,
    private readonly ledger: UsageLedger,
    private readonly events: DomainEvents,
  ) {}

  /** @returns for each report whether it belongs to one of our attempts */
  async execute(reports: readonly ProviderReport[]): Promise<readonly boolean[]> {
    const ids = await this.find(reports);
    let left = reports.flatMap(({ report }, index) => {
      const attemptId = ids[index];
      return attemptId === undefined ? [] : [{ attemptId, report }];
    });
    await this.reportHealth(left);
    // What is told twice of one attempt is told one after the other.
    while (left.length > 0) {
      const seen = new Set<string>();
      const first = left.filter(({ attemptId }) => seen.size < seen.add(attemptId).size);
      await this.apply(first);
      left = left.filter((report) => !first.includes(report));
    }
    return ids.map((id) => id !== undefined);
  }

  private async find(reports: readonly ProviderReport[]): Promise<readonly (string | undefined)[]> {
    const ids = await this.attempts.find(
      reports.map(({ providerId, report }) => ({
        providerId,
        providerCallId: report.providerCallId,
        attemptId: report.attemptId,
      })),
    );
    for (const [index, { providerId, report }] of reports.entries())
      if (ids[index] === undefined)
        this.logger.warn(
          `Provider ${providerId} reports call ${report.providerCallId}, which none of its attempts placed`,
        );
    return ids;
  }

  /**
   * Providers are locked before calls, so this decides on an unlocked read; at worst a provider is cooled once more
   * than needed when the same report is handled twice at the same moment.
   */
  private async reportHealth(reports: readonly OwnReport[]): Promise<void> {
    const ends = [];
    for (const { attemptId, report } of reports) {
      if (!asRefusal(report.outcome)) continue;
      const seen = await this.attempts.read(attemptId);
      const end = seen && advanceAttempt(seen, report).end;
      const refusal = end?.usage.kind === 'nothing' ? asRefusal(end.outcome) : undefined;
      if (!seen || !refusal) continue;
      const detail = `the vendor ended an accepted call before it rang (${refusal})`;
      const { providerId, phoneNumberId } = seen;
      ends.push({ providerId, phoneNumberId, result: { kind: 'refused', refusal, detail } as const });
    }
    await this.health.execute(ends);
  }

  private async apply(reports: readonly OwnReport[]): Promise<void> {
    const locked = await this.attempts.lockAll(reports.map(({ attemptId }) => attemptId));
    const advances = reports.flatMap(({ attemptId, report }): AttemptAdvance[] => {
      const attempt = locked.get(attemptId);
      if (!attempt || this.isAnotherCall(attempt, report)) return [];
      return [{ attempt, report, advance: advanceAttempt(attempt, report) }];
    });
    for (const advance of advances) this.warn(advance);
    const changes = advances.map(changesOf);
    await this.attempts.changeAttempts(changes.flatMap(({ attempt }) => attempt ?? []));
    await this.attempts.changeCalls(changes.flatMap(({ call }) => call ?? []));
    const settled = changes.flatMap(({ settledAttemptId }) => settledAttemptId ?? []);
    if (settled.length > 1) await this.ledger.lock(settled);
    await this.events.publish(...inOrder([...locked.values()], changes));
  }

  /** One attempt is one POST: a second call with its id means that the vendor dialled twice. */
  private isAnotherCall({ id, providerCallId }: LockedAttempt, report: CallReport): boolean {
    if (providerCallId === null || providerCallId === report.providerCallId) return false;
    this.logger.error(
      `Attempt ${id} is the vendor's call ${providerCallId}, but the vendor also reports ${report.providerCallId} for it: the recipient may have been called twice`,
    );
    return true;
  }

  private warn({ attempt: { id, providerCallId }, report, advance: { relation, end } }: AttemptAdvance): void {
    if (relation === 'book' && providerCallId === null)
      this.logger.error(
        `Attempt ${id} was given up, but the vendor placed it as ${report.providerCallId} and its call went on without it: the recipient may have been called twice`,
      );
    if (end?.callStatus === 'queued')
      this.logger.warn(
        `Attempt ${id} was accepted and ended before it rang (${end.outcome}); its call is back in the queue`,
      );
  }
}

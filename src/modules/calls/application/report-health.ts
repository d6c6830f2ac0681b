import { Injectable } from '@nestjs/common';
import { type PlacementReport, ProviderPool } from '../../providers/public/provider-pool.port';
import { Attempts } from './ports/attempts.port';

/** Tells the providers' side how placements went, in the unit of work that records them and before it locks a call. */
@Injectable()
export class ReportHealth {
  constructor(
    private readonly providers: ProviderPool,
    private readonly attempts: Attempts,
  ) {}

  /** Providers are locked in the order of their ids, and hear of their placements in the order in which these are given. */
  async execute(reports: readonly PlacementReport[]): Promise<void> {
    const inOrder = [...reports].sort((a, b) =>
      a.providerId < b.providerId ? -1 : Number(a.providerId > b.providerId),
    );
    for (const [index, report] of inOrder.entries()) {
      if (!isRepetition(report, inOrder[index - 1])) await this.tell(report);
    }
  }

  /** A concurrency refusal tells how many calls the vendor carries: what is open, without the refused one. */
  private async tell(report: PlacementReport): Promise<void> {
    const { providerId, result } = report;
    const isFull = result.kind === 'refused' && result.refusal === 'concurrency';
    const inUse = isFull ? { inUse: await this.attempts.countOpen(providerId) } : {};
    await this.providers.reportPlacement({ ...report, ...inUse });
  }
}

/** An accepted call after another one says nothing new about the provider. */
function isRepetition(report: PlacementReport, before: PlacementReport | undefined): boolean {
  return (
    before?.providerId === report.providerId && before.result.kind === 'accepted' && report.result.kind === 'accepted'
  );
}

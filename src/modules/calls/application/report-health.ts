import { Injectable } from '@nestjs/common';
import type { CallReport } from '../../providers/public/call-provider.port';
import { type PlacementReport, ProviderPool } from '../../providers/public/provider-pool.port';
import { advanceAttempt, asRefusal } from '../domain/advance-attempt';
import { awaitsAnswer } from './changes-of-answer';
import type { News, PlacementAnswer } from './news';
import { Attempts } from './ports/attempts.port';

/** Tells the providers' side how placements went, in the unit of work that records them and before it locks a call. */
@Injectable()
export class ReportHealth {
  constructor(
    private readonly providers: ProviderPool,
    private readonly attempts: Attempts,
  ) {}

  /** Providers are locked in the order of their ids, and hear of their placements in the order in which these are given. */
  async execute(pieces: readonly { readonly attemptId: string; readonly news: News }[]): Promise<void> {
    const reports: PlacementReport[] = [];
    const toldOf = new Set<string>();
    for (const { attemptId, news } of pieces) {
      const report =
        news.kind === 'answer' ? await this.afterAnswer(news) : await this.afterEnd(attemptId, news.report);
      // What was told of the call just before may have been that it rang: then its end says nothing about the account.
      if (report && !(news.kind === 'report' && toldOf.has(attemptId))) reports.push(report);
      if (news.kind === 'report') toldOf.add(attemptId);
    }
    reports.sort((a, b) => (a.providerId < b.providerId ? -1 : Number(a.providerId > b.providerId)));
    for (const [index, report] of reports.entries())
      if (!isRepetition(report, reports[index - 1])) await this.tell(report);
  }

  /** An answer that is recorded already, by a commit whose own answer was lost, counts once. */
  private async afterAnswer(answer: PlacementAnswer): Promise<PlacementReport | undefined> {
    if (answer.result.kind === 'accepted') return answer;
    const seen = await this.attempts.read(answer.attemptId);
    return seen && awaitsAnswer(seen) ? answer : undefined;
  }

  /**
   * A call that ends before it rang may be a refusal that comes late. Providers are locked before calls, so this decides
   * on an unlocked read; at worst a provider is cooled once more than needed when the same report is handled twice at
   * the same moment.
   */
  private async afterEnd(attemptId: string, report: CallReport): Promise<PlacementReport | undefined> {
    if (!asRefusal(report.outcome)) return undefined;
    const seen = await this.attempts.read(attemptId);
    const end = seen && advanceAttempt(seen, report).end;
    const refusal = end?.usage.kind === 'nothing' ? asRefusal(end.outcome) : undefined;
    if (!seen || !refusal) return undefined;
    const detail = `the vendor ended an accepted call before it rang (${refusal})`;
    const { providerId, phoneNumberId } = seen;
    return { providerId, phoneNumberId, result: { kind: 'refused', refusal, detail } };
  }

  /** A concurrency refusal tells how many calls the vendor carries: what is open, without the refused one. */
  private async tell({ providerId, phoneNumberId, result }: PlacementReport): Promise<void> {
    const isFull = result.kind === 'refused' && result.refusal === 'concurrency';
    const inUse = isFull ? { inUse: await this.attempts.countOpen(providerId) } : {};
    await this.providers.reportPlacement({ providerId, phoneNumberId, result, ...inUse });
  }
}

/** An accepted call after another one says nothing new about the provider. */
function isRepetition({ providerId, result }: PlacementReport, before: PlacementReport | undefined): boolean {
  return before?.providerId === providerId && before.result.kind === 'accepted' && result.kind === 'accepted';
}

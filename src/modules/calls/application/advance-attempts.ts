import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UsageLedger } from '../../billing/public/usage-ledger.port';
import type { CallReport, PlaceResult } from '../../providers/public/call-provider.port';
import { advanceAttempt } from '../domain/advance-attempt';
import { type AttemptChanges, eventsInOrder, NO_CHANGES, together } from './attempt-changes';
import { changesOfAdvance } from './changes-of-advance';
import { agrees, awaitsAnswer, changesOfAnswer } from './changes-of-answer';
import type { News, ProviderReport } from './news';
import { NewsRecorded } from './news-recorded.event';
import { SecondCallSuspected, StrayReported } from './observed-facts';
import { Attempts, type LockedAttempt } from './ports/attempts.port';
import { ReportHealth } from './report-health';
import { Standings } from './standings';

/** Something new about one of our attempts. */
interface Piece {
  readonly attemptId: string;
  readonly news: News;
}

type Reservation = NonNullable<AttemptChanges['reservation']>;

/** Advances attempts by what vendors answer and report, in the surrounding unit of work. */
@Injectable()
export class AdvanceAttempts {
  constructor(
    private readonly health: ReportHealth,
    private readonly attempts: Attempts,
    private readonly ledger: UsageLedger,
    private readonly events: DomainEvents,
  ) {}

  /** @returns for each piece whether it belongs to one of our attempts */
  async execute(news: readonly News[]): Promise<readonly boolean[]> {
    const ids = await this.attemptsOf(news);
    let left = news.flatMap((one, index) => {
      const attemptId = ids[index];
      return attemptId === undefined ? [] : [{ attemptId, news: one }];
    });
    await this.health.execute(left);
    while (left.length > 0) left = await this.takeIn(left);
    return ids.map((id) => id !== undefined);
  }

  private async attemptsOf(news: readonly News[]): Promise<readonly (string | undefined)[]> {
    const reports = news.flatMap((one) => (one.kind === 'report' ? [one] : []));
    const stored = reports.length === 0 ? [] : await this.attempts.find(reports.map(toReference));
    const found = reports.map((report, index) => stored[index] ?? answeredIn(news, report));
    const ids = new Map<News, string | undefined>(reports.map((report, index) => [report, found[index]]));
    await this.events.publish(...reports.filter((_, index) => found[index] === undefined).map(toStray));
    return news.map((one) => (one.kind === 'answer' ? one.attemptId : ids.get(one)));
  }

  /** @returns what is to be decided on what this has written */
  private async takeIn(pieces: readonly Piece[]): Promise<Piece[]> {
    const ids = [...new Set(pieces.map(({ attemptId }) => attemptId))];
    const standings = new Standings(await this.attempts.lockAll(ids));
    const changes: AttemptChanges[] = [];
    const recorded: NewsRecorded[] = [];
    const left: Piece[] = [];
    for (const piece of pieces) {
      if (standings.isOutdated(piece.attemptId)) {
        left.push(piece);
        continue;
      }
      const standing = standings.of(piece.attemptId);
      // Of its own for each piece of news: by it the log tells whose story a charge belongs to.
      const attempt = standing && { ...standing };
      const change = this.changesOf(piece, attempt);
      changes.push(change);
      if (!attempt) continue;
      recorded.push(new NewsRecorded(piece.news, attempt, change));
      standings.note(attempt, change);
    }
    // What is left may settle other periods: they are locked in one go, too.
    if (left.length > 0) await this.ledger.lock(ids);
    await this.write(standings.locked, changes, recorded);
    return left;
  }

  private changesOf({ attemptId, news }: Piece, attempt: LockedAttempt | undefined): AttemptChanges {
    if (news.kind === 'answer') return this.afterAnswer(attemptId, attempt, news.result);
    return attempt ? this.afterReport(attempt, news.report) : NO_CHANGES;
  }

  private async write(
    locked: readonly LockedAttempt[],
    changes: readonly AttemptChanges[],
    recorded: readonly NewsRecorded[],
  ): Promise<void> {
    await this.attempts.change(
      together(changes.flatMap(({ attempt }) => attempt ?? [])),
      together(changes.flatMap(({ call }) => call ?? [])),
    );
    await this.lockLedger(changes.flatMap(({ reservation }) => reservation ?? []));
    await this.events.publish(...recorded, ...eventsInOrder(locked, changes));
  }

  /** One call of the ledger keeps the order of locks by itself. */
  private async lockLedger(reservations: readonly Reservation[]): Promise<void> {
    if (new Set(reservations.map(({ becomes }) => becomes)).size < 2) return;
    await this.ledger.lock([...new Set(reservations.map(({ attemptId }) => attemptId))]);
  }

  private afterAnswer(attemptId: string, attempt: LockedAttempt | undefined, result: PlaceResult): AttemptChanges {
    if (!attempt) throw new Error(`Attempt ${attemptId} is not in the database: was it restored from a backup?`);
    if (awaitsAnswer(attempt)) return changesOfAnswer(attempt, result);
    if (result.kind === 'unknown' || agrees(attempt, result)) return NO_CHANGES;
    const answer = result.kind === 'accepted' ? `accepted as ${result.providerCallId}` : `refused (${result.refusal})`;
    const sign =
      `The attempt was ${answer}, but stands as ${attempt.state} with the vendor's call ` +
      `${attempt.providerCallId ?? 'none'}: look for a second call at the vendor`;
    return { events: [new SecondCallSuspected(attempt, sign)] };
  }

  /** One attempt is one POST: a second call with its id means that the vendor dialled twice. */
  private afterReport(attempt: LockedAttempt, report: CallReport): AttemptChanges {
    const { providerCallId } = attempt;
    if (providerCallId !== null && providerCallId !== report.providerCallId) {
      const sign =
        `The attempt is the vendor's call ${providerCallId}, but the vendor also reports ${report.providerCallId} ` +
        'for it: the recipient may have been called twice';
      return { events: [new SecondCallSuspected(attempt, sign)] };
    }
    return changesOfAdvance({ attempt, report, advance: advanceAttempt(attempt, report) });
  }
}

/** A vendor's report may come together with the answer that tells the vendor's id. */
function answeredIn(news: readonly News[], { providerId, report }: ProviderReport): string | undefined {
  const answer = news.find(
    (one) =>
      one.kind === 'answer' &&
      one.providerId === providerId &&
      one.result.kind === 'accepted' &&
      one.result.providerCallId === report.providerCallId,
  );
  return answer?.kind === 'answer' ? answer.attemptId : undefined;
}

function toStray({ providerId, report, story }: ProviderReport): StrayReported {
  return new StrayReported(providerId, report.providerCallId, story);
}

function toReference({ providerId, report: { providerCallId, attemptId } }: ProviderReport) {
  return { providerId, providerCallId, attemptId };
}

import { Injectable, Logger } from '@nestjs/common';
import { Gathering } from '../../../shared/kernel/gathering';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { apart, currentStory, inStory } from '../../../shared/observability/story';
import { AdvanceAttempts } from './advance-attempts';
import type { News } from './news';

/**
 * What is recorded together: at most so many. A group is given up, and each of its members recorded alone, when one of its
 * locks is held by somebody else for so long, or when all of it takes longer than any group does that is not stuck.
 */
const GROUPS = { most: 100, lockPatienceMs: 500, patienceMs: 5_000 } as const;

/**
 * Takes in what vendors answer and report, in one transaction for all that comes at about the same time: both are
 * about the same calls, and would only wait for each other's locks in two.
 */
@Injectable()
export class TakeNews {
  private readonly logger = new Logger(TakeNews.name);
  private readonly news = new Gathering<News, boolean>(
    (news) => this.record(news, GROUPS.lockPatienceMs),
    async (news) => {
      const [isOurs] = await this.record([news]);
      return isOurs === true;
    },
    { ...GROUPS, onGivenUp: (error, size) => this.tell(error, size) },
  );

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly advanceAttempts: AdvanceAttempts,
  ) {}

  /** Committed when this resolves. @returns whether it belongs to one of our attempts */
  execute(news: News): Promise<boolean> {
    const story = currentStory();
    return inStory(undefined, () => this.news.add({ ...news, story }));
  }

  /** Several stories wait for it, and it belongs to none of them. */
  private record(news: readonly News[], lockPatienceMs?: number): Promise<readonly boolean[]> {
    const record = () => this.unitOfWork.apart(() => this.advanceAttempts.execute(news), lockPatienceMs);
    const causes = news.map(({ story }) => story);
    return apart('recording', {}, record, causes);
  }

  /** Now and then somebody holds a lock; again and again, and every call costs as much as all of them should. */
  private tell(error: unknown, size: number): void {
    if (size > 1)
      this.logger.warn(
        `${String(size)} answers and reports are recorded one by one; if this repeats, look for who holds calls or providers locked`,
        error,
      );
  }
}

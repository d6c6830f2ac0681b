import type { AttemptChanges } from './attempt-changes';
import type { News } from './news';
import type { LockedAttempt } from './ports/attempts.port';

/** What a vendor answered or reported is recorded, whether or not it has changed anything. Nobody decides on it. */
export class NewsRecorded {
  /** @param attempt as it stood before */
  constructor(
    readonly news: News,
    readonly attempt: LockedAttempt,
    readonly changes: AttemptChanges,
  ) {}
}

import type { CallReport } from '../../../providers/public/call-provider.port';
import type { AttemptChanges } from '../../application/attempt-changes';
import { NewsRecorded } from '../../application/news-recorded.event';
import type { LockedAttempt } from '../../application/ports/attempts.port';
import { lineOfNews } from './lines-of-news';

const ATTEMPT = { id: 'attempt', progress: 'ended', providerCallId: 'theirs' } as LockedAttempt;
const report: CallReport = { providerCallId: 'theirs', progress: 'ended', durationSeconds: 42 };

function lineOf(attempt: AttemptChanges['attempt']) {
  const changes = { events: [], ...(attempt && { attempt }) };
  return lineOfNews(new NewsRecorded({ kind: 'report', providerId: 'provider', report }, ATTEMPT, changes));
}

it('tells how long a call was connected where that comes after its end', () => {
  expect(lineOf({ id: 'attempt', isSettled: true })).toMatchObject({
    ...{ level: 'log', event: 'attempt.measured' },
    fields: { durationSeconds: 42, providerCallId: 'theirs' },
  });
});

it('tells quietly of what says the same again', () => {
  expect(lineOf(undefined)).toMatchObject({ level: 'debug', event: 'attempt.reported' });
});

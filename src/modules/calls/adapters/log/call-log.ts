import { Injectable, Logger } from '@nestjs/common';
import { DomainEvents, type EventType } from '../../../../shared/kernel/domain-events.port';
import { UnitOfWork } from '../../../../shared/kernel/unit-of-work.port';
import { inStory, note } from '../../../../shared/observability/story';
import { CallStep, type CallStepKind, MinutesCharged, SecondCallSuspected } from '../../application/observed-facts';
import { NewsRecorded } from '../../application/news-recorded.event';
import type { AttemptIds } from '../../public/attempt-ids';
import { type CallLine, lineOfNews } from './lines-of-news';

const STEPS: Readonly<Record<CallStepKind, readonly [level: CallLine['level'], text: string]>> = {
  'call.queued': ['log', 'A call is queued'],
  'call.retried': ['log', 'It is queued again, as a new call'],
  'call.cancel_requested': ['log', 'Its user wants it ended'],
  'call.canceled': ['log', 'It is canceled before it went out'],
  'call.failed': ['log', 'It cannot be placed and fails'],
  'attempt.claimed': ['log', 'It is due and goes to a provider'],
  'attempt.unsent': ['log', 'Nothing was sent to the vendor'],
  'attempt.given_up': ['warn', 'Nobody could prove that the vendor has placed it, or that it has not'],
};

/** The story of every call in the log: one line for each event, once it has committed. */
@Injectable()
export class CallLog {
  private readonly logger = new Logger('Calls');

  constructor(
    private readonly events: DomainEvents,
    private readonly unitOfWork: UnitOfWork,
  ) {
    this.onCommit(CallStep, (step) => {
      this.step(step);
    });
    this.onCommit(NewsRecorded, (recorded) => {
      this.news(recorded);
    });
    this.onCommit(MinutesCharged, (charged) => {
      this.charged(charged);
    });
    this.onCommit(SecondCallSuspected, ({ attempt, sign }) => {
      this.logger.error(`${sign}. See docs/runbooks/suspected-double-call.md`, {
        event: 'attempt.double_suspected',
        ...factsOf(attempt),
      });
    });
  }

  private step({ kind, callId, details }: CallStep): void {
    const [level, text] = STEPS[kind];
    if (Logger.isLevelEnabled(level)) this.logger[level](text, { event: kind, callId, ...details });
  }

  private news(recorded: NewsRecorded): void {
    const { news, attempt } = recorded;
    const facts = factsOf(attempt);
    note(facts, news.story);
    // The quietest of its lines that matter; whoever asks for errors alone pays for none.
    if (!Logger.isLevelEnabled('warn')) return;
    const line = lineOfNews(recorded);
    if (!line || !Logger.isLevelEnabled(line.level)) return;
    const { level, text, event, fields } = line;
    inStory(news.story, () => {
      this.logger[level](text, { event, ...facts, ...fields });
    });
  }

  private charged({ attempt, minutes, overrunMinutes }: MinutesCharged): void {
    const level = overrunMinutes > 0 ? 'warn' : 'log';
    if (!Logger.isLevelEnabled(level)) return;
    const overrun =
      "It overran its reservation by minutes that nobody is charged for: check the vendor's maximum duration";
    this.logger[level](overrunMinutes > 0 ? overrun : 'Its minutes are charged', {
      event: 'attempt.settled',
      ...factsOf(attempt),
      minutes,
      ...(overrunMinutes > 0 ? { overrunMinutes } : {}),
    });
  }

  private onCommit<E extends object>(type: EventType<E>, tell: (fact: E) => void): void {
    this.events.subscribe(type, (facts) => {
      this.unitOfWork.afterCommit(() => {
        facts.forEach(tell);
      });
      return Promise.resolve();
    });
  }
}

function factsOf({ id: attemptId, callQueueId: callId, providerId }: AttemptIds) {
  return { callId, attemptId, providerId };
}

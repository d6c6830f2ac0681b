import { Injectable, Logger } from '@nestjs/common';
import { DomainEvents, type EventType } from '../../../../shared/kernel/domain-events.port';
import { Troubles } from '../../../../shared/kernel/troubles';
import { UnitOfWork } from '../../../../shared/kernel/unit-of-work.port';
import { currentStory, inStory, note } from '../../../../shared/observability/story';
import {
  CallStep,
  type CallStepKind,
  MinutesCharged,
  SecondCallSuspected,
  StrayReported,
} from '../../application/observed-facts';
import { NewsRecorded } from '../../application/news-recorded.event';
import type { AttemptIds } from '../../public/attempt-ids';
import { type CallLine, lineOfNews } from './lines-of-news';

const STEPS: Readonly<Record<CallStepKind, readonly [level: CallLine['level'], text: string]>> = {
  'call.queued': ['log', 'A call is queued'],
  'call.retried': ['log', 'It is queued again, as a new call'],
  'call.cancel_requested': ['log', 'Its user wants it ended'],
  'call.canceled': ['log', 'It is canceled before it went out'],
  'call.failed': ['log', 'It cannot be placed and fails'],
  'call.undialable': ['warn', 'No number may call its country: it waits for one'],
  'attempt.claimed': ['log', 'It is due and goes to a provider'],
  'attempt.unsent': ['log', 'Nothing was sent to the vendor'],
  'attempt.given_up': ['warn', 'Nobody could prove that the vendor has placed it, or that it has not'],
};

/** An assistant that is used beside this service may tell of a call now and then. */
const HOUR_MS = 3_600_000;

/** The story of every call in the log: one line for each event, once it has committed. */
@Injectable()
export class CallLog {
  private readonly logger = new Logger('Calls');
  private readonly providers = new Logger('Providers');
  /** The news by which an attempt came to stand as the facts say that follow from it. */
  private readonly origins = new WeakMap<AttemptIds, NewsRecorded>();
  /** Providers that tell of calls which are not ours. */
  private readonly strays = new Troubles(HOUR_MS);
  /** Each further report of a second call says the same again. */
  private readonly suspicions = new Troubles(Infinity);

  constructor(
    private readonly events: DomainEvents,
    private readonly unitOfWork: UnitOfWork,
  ) {
    this.onCommit(CallStep, (step) => {
      this.step(step);
    });
    this.onCommit(NewsRecorded, (recorded) => {
      this.origins.set(recorded.attempt, recorded);
      this.news(recorded);
    });
    this.onCommit(MinutesCharged, (charged) => {
      this.inItsStory(charged.attempt, (facts) => {
        this.charged(charged, facts);
      });
    });
    this.onCommit(SecondCallSuspected, ({ attempt, sign }) => {
      this.inItsStory(attempt, (facts) => {
        this.suspected(sign, facts);
      });
    });
    this.onCommit(StrayReported, (stray) => {
      this.stray(stray);
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
    // Whoever asks for errors alone pays for no line: none of these is one.
    if (!Logger.isLevelEnabled('warn')) return;
    const line = lineOfNews(recorded);
    if (!line || !Logger.isLevelEnabled(line.level)) return;
    const { level, text, event, fields } = line;
    inStory(news.story, () => {
      this.logger[level](text, { event, ...facts, ...fields });
    });
  }

  /** What follows from news is found by whatever the news is found by. */
  private inItsStory(attempt: AttemptIds, tell: (facts: AttemptFacts) => void): void {
    const origin = this.origins.get(attempt);
    inStory(origin?.news.story ?? currentStory(), () => {
      tell({ ...factsOf(attempt), ...(origin && vendorsIdAfter(origin)) });
    });
  }

  private suspected(sign: string, facts: AttemptFacts): void {
    const level = this.suspicions.meet(`${facts.attemptId} ${sign}`) ? 'error' : 'debug';
    const text = `${sign}. See docs/runbooks/suspected-double-call.md`;
    this.logger[level](text, { event: 'attempt.double_suspected', ...facts });
  }

  private stray({ providerId, providerCallId, story }: StrayReported): void {
    const isNew = this.strays.meet(providerId);
    const text = 'The vendor reports a call that no attempt of its provider placed';
    inStory(story, () => {
      this.providers[isNew ? 'warn' : 'debug'](isNew ? `${text}; further ones are told at debug` : text, {
        ...{ event: 'provider.stray_report', providerId, providerCallId },
      });
    });
  }

  private charged({ minutes, overrunMinutes }: MinutesCharged, facts: AttemptFacts): void {
    const level = overrunMinutes > 0 ? 'warn' : 'log';
    if (!Logger.isLevelEnabled(level)) return;
    const overrun =
      "It overran its reservation by minutes that nobody is charged for: check the vendor's maximum duration";
    this.logger[level](overrunMinutes > 0 ? overrun : 'Its minutes are charged', {
      event: 'attempt.settled',
      ...facts,
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

interface AttemptFacts {
  readonly callId: string;
  readonly attemptId: string;
  readonly providerId: string;
  readonly providerCallId?: string;
}

function factsOf({ id: attemptId, callQueueId: callId, providerId }: AttemptIds): AttemptFacts {
  return { callId, attemptId, providerId };
}

/** The attempt's own call at the vendor: news that does not fit it may name another one. */
function vendorsIdAfter({ attempt, changes }: NewsRecorded): Pick<AttemptFacts, 'providerCallId'> {
  const providerCallId = changes.attempt?.providerCallId ?? attempt.providerCallId;
  return providerCallId === null ? {} : { providerCallId };
}

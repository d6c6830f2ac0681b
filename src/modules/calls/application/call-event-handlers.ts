import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { CallEnded } from '../public/call-ended.event';
import { CallGivenUp } from '../public/call-given-up.event';
import { CallMeasured } from '../public/call-measured.event';
import { CallOutcomeCorrected } from '../public/call-outcome-corrected.event';
import { CallPlaced } from '../public/call-placed.event';
import { CallRefused } from '../public/call-refused.event';
import { CallReported } from '../public/call-reported.event';
import { QueuedCallLetGo } from '../public/queued-call-let-go.event';
import { FollowUpCall } from './follow-up-call';
import { RecordHistory } from './record-history';
import { SettleUsage } from './settle-usage';

/** Which event does what. History comes before usage, so that locks are taken in one order everywhere. */
@Injectable()
export class CallEventHandlers {
  constructor(events: DomainEvents, history: RecordHistory, usage: SettleUsage, followUp: FollowUpCall) {
    events.subscribe(CallPlaced, (events) => history.placed(events));
    events.subscribe(CallReported, (events) => history.reported(events));
    events.subscribe(CallEnded, (events) => history.ended(events));
    events.subscribe(CallOutcomeCorrected, (events) => history.corrected(events));
    events.subscribe(CallRefused, (events) => usage.released(events));
    events.subscribe(CallGivenUp, (events) => usage.released(events));
    events.subscribe(CallEnded, (events) => usage.ended(events));
    events.subscribe(CallMeasured, (events) => usage.measured(events));
    events.subscribe(CallPlaced, (events) => followUp.placed(events));
    events.subscribe(CallRefused, () => followUp.mayDispatch());
    events.subscribe(CallGivenUp, () => followUp.mayDispatch());
    events.subscribe(CallEnded, () => followUp.mayDispatch());
    events.subscribe(QueuedCallLetGo, () => followUp.mayDispatch());
  }
}

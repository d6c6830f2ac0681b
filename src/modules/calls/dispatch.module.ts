import { type DynamicModule, Module } from '@nestjs/common';
import { DrizzleAttempts } from './adapters/drizzle/drizzle-attempts';
import { DrizzleCallHistory } from './adapters/drizzle/drizzle-call-history';
import { DrizzleDispatchQueue } from './adapters/drizzle/drizzle-dispatch-queue';
import { DrizzleLiveCalls } from './adapters/drizzle/drizzle-live-calls';
import { ProviderWebhooksController } from './adapters/http/provider-webhooks.controller';
import { LibphonenumberPhoneNumbers } from './adapters/libphonenumber/libphonenumber-phone-numbers';
import { DispatchSchedule } from './adapters/schedule/dispatch-schedule';
import { DispatchShutdown } from './adapters/schedule/dispatch-shutdown';
import { ReconcileSchedule } from './adapters/schedule/reconcile-schedule';
import { ApplyCallReport } from './application/apply-call-report';
import { CallEventHandlers } from './application/call-event-handlers';
import { CheckDueCalls } from './application/check-due-calls';
import { ClaimCalls } from './application/claim-calls';
import { DispatchSettings } from './application/dispatch-settings';
import { DispatchSignal } from './application/dispatch-signal';
import { FinishCalls } from './application/finish-calls';
import { FollowUpCall } from './application/follow-up-call';
import { GiveUpPlacement } from './application/give-up-placement';
import { HangUpCall } from './application/hang-up-call';
import { LookAfterCalls } from './application/look-after-calls';
import { LookAtQueue } from './application/look-at-queue';
import { MeasureCall } from './application/measure-call';
import { PlaceAttempt } from './application/place-attempt';
import { Attempts } from './application/ports/attempts.port';
import { CallHistory } from './application/ports/call-history.port';
import { DispatchQueue } from './application/ports/dispatch-queue.port';
import { LiveCalls } from './application/ports/live-calls.port';
import { PhoneNumbers } from './application/ports/phone-numbers.port';
import { PrepareAttempts } from './application/prepare-attempts';
import { QueueDispatcher } from './application/queue-dispatcher';
import { ReceiveWebhook } from './application/receive-webhook';
import { ReconcileCalls } from './application/reconcile-calls';
import { RecordHistory } from './application/record-history';
import { RecordPlacement } from './application/record-placement';
import { ReleaseUnsent } from './application/release-unsent';
import { RepeatHangUps } from './application/repeat-hang-ups';
import { ResolvePlacements } from './application/resolve-placements';
import { SettleUsage } from './application/settle-usage';
import { TakeDueCalls } from './application/take-due-calls';
import { WriteClaim } from './application/write-claim';

const adapters = [
  { provide: Attempts, useClass: DrizzleAttempts },
  { provide: CallHistory, useClass: DrizzleCallHistory },
  { provide: DispatchQueue, useClass: DrizzleDispatchQueue },
  { provide: LiveCalls, useClass: DrizzleLiveCalls },
  { provide: PhoneNumbers, useClass: LibphonenumberPhoneNumbers },
  DispatchSchedule,
  DispatchShutdown,
  ReconcileSchedule,
];

const placing = [
  CheckDueCalls,
  TakeDueCalls,
  WriteClaim,
  ReleaseUnsent,
  PrepareAttempts,
  ClaimCalls,
  PlaceAttempt,
  RecordPlacement,
  DispatchSignal,
  QueueDispatcher,
  LookAtQueue,
];

const following = [
  ApplyCallReport,
  ReceiveWebhook,
  RecordHistory,
  SettleUsage,
  FollowUpCall,
  CallEventHandlers,
  HangUpCall,
];

const reconciling = [
  ResolvePlacements,
  LookAfterCalls,
  RepeatHangUps,
  GiveUpPlacement,
  MeasureCall,
  FinishCalls,
  ReconcileCalls,
];

/** The half of the calls module that nobody asks: it claims, places, follows and resolves calls. */
@Module({})
export class DispatchModule {
  static register(settings: DispatchSettings): DynamicModule {
    return {
      module: DispatchModule,
      controllers: [ProviderWebhooksController],
      providers: [
        { provide: DispatchSettings, useValue: settings },
        ...adapters,
        ...placing,
        ...following,
        ...reconciling,
      ],
      exports: [DispatchSettings, HangUpCall, PhoneNumbers],
    };
  }
}

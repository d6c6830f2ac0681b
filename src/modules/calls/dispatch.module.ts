import { type DynamicModule, Module } from '@nestjs/common';
import { DrizzleAdoptions } from './adapters/drizzle/drizzle-adoptions';
import { DrizzleAttempts } from './adapters/drizzle/drizzle-attempts';
import { DrizzleCallHistory } from './adapters/drizzle/drizzle-call-history';
import { DrizzleComparisons } from './adapters/drizzle/drizzle-comparisons';
import { DrizzleDialControl } from './adapters/drizzle/drizzle-dial-control';
import { DrizzleDispatchQueue } from './adapters/drizzle/drizzle-dispatch-queue';
import { DrizzleExpiredDetails } from './adapters/drizzle/drizzle-expired-details';
import { DrizzleLiveCalls } from './adapters/drizzle/drizzle-live-calls';
import { DrizzleRestorations } from './adapters/drizzle/drizzle-restorations';
import { ProviderWebhooksController } from './adapters/http/provider-webhooks.controller';
import { LibphonenumberPhoneNumbers } from './adapters/libphonenumber/libphonenumber-phone-numbers';
import { ClearExpiredDetailsSchedule } from './adapters/schedule/clear-expired-details-schedule';
import { ControlListener } from './adapters/schedule/control-listener';
import { DispatchReadiness } from './adapters/schedule/dispatch-readiness';
import { DispatchSchedule } from './adapters/schedule/dispatch-schedule';
import { DispatchShutdown } from './adapters/schedule/dispatch-shutdown';
import { ReconcileSchedule } from './adapters/schedule/reconcile-schedule';
import { RepeatHangUpsSchedule } from './adapters/schedule/repeat-hang-ups-schedule';
import { AdoptCall } from './application/adopt-call';
import { AdoptedUsage } from './application/adopted-usage';
import { AdvanceAttempts } from './application/advance-attempts';
import { ApplyCallReport } from './application/apply-call-report';
import { ReportHealth } from './application/report-health';
import { TakeNews } from './application/take-news';
import { AskAboutCall } from './application/ask-about-call';
import { CallEventHandlers } from './application/call-event-handlers';
import { CatchUpOpenAttempt } from './application/catch-up-open-attempt';
import { CheckDueCalls } from './application/check-due-calls';
import { ClaimCalls } from './application/claim-calls';
import { ClearExpiredDetails } from './application/clear-expired-details';
import { CompareWithVendors } from './application/compare-with-vendors';
import { DialPermission } from './application/dial-permission';
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
import { Adoptions } from './application/ports/adoptions.port';
import { Attempts } from './application/ports/attempts.port';
import { CallHistory } from './application/ports/call-history.port';
import { Comparisons } from './application/ports/comparisons.port';
import { DialControl } from './application/ports/dial-control.port';
import { DispatchQueue } from './application/ports/dispatch-queue.port';
import { ExpiredDetails } from './application/ports/expired-details.port';
import { LiveCalls } from './application/ports/live-calls.port';
import { PhoneNumbers } from './application/ports/phone-numbers.port';
import { Restorations } from './application/ports/restorations.port';
import { PrepareAttempts } from './application/prepare-attempts';
import { QueueDispatcher } from './application/queue-dispatcher';
import { ReceiveWebhook } from './application/receive-webhook';
import { ReconcileCalls } from './application/reconcile-calls';
import { RecordHistory } from './application/record-history';
import { RecordPlacement } from './application/record-placement';
import { ReleaseUnsent } from './application/release-unsent';
import { RepeatHangUps } from './application/repeat-hang-ups';
import { ResolvePlacements } from './application/resolve-placements';
import { SendAttempt } from './application/send-attempt';
import { SettleUsage } from './application/settle-usage';
import { TakeDueCalls } from './application/take-due-calls';
import { TakeInPlacedCall } from './application/take-in-placed-call';
import { TakeInStrayReport } from './application/take-in-stray-report';
import { WatchRestores } from './application/watch-restores';
import { WriteClaim } from './application/write-claim';

const adapters = [
  { provide: Adoptions, useClass: DrizzleAdoptions },
  { provide: Attempts, useClass: DrizzleAttempts },
  { provide: CallHistory, useClass: DrizzleCallHistory },
  { provide: Comparisons, useClass: DrizzleComparisons },
  { provide: DialControl, useClass: DrizzleDialControl },
  { provide: DispatchQueue, useClass: DrizzleDispatchQueue },
  { provide: ExpiredDetails, useClass: DrizzleExpiredDetails },
  { provide: LiveCalls, useClass: DrizzleLiveCalls },
  { provide: PhoneNumbers, useClass: LibphonenumberPhoneNumbers },
  { provide: Restorations, useClass: DrizzleRestorations },
  ClearExpiredDetailsSchedule,
  ControlListener,
  DispatchReadiness,
  DispatchSchedule,
  DispatchShutdown,
  ReconcileSchedule,
  RepeatHangUpsSchedule,
];

const placing = [
  CheckDueCalls,
  TakeDueCalls,
  WriteClaim,
  ReleaseUnsent,
  PrepareAttempts,
  ClaimCalls,
  DialPermission,
  SendAttempt,
  PlaceAttempt,
  RecordPlacement,
  DispatchSignal,
  QueueDispatcher,
  LookAtQueue,
];

const following = [
  ApplyCallReport,
  TakeNews,
  AdvanceAttempts,
  ReportHealth,
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
  AskAboutCall,
  RepeatHangUps,
  GiveUpPlacement,
  MeasureCall,
  FinishCalls,
  ReconcileCalls,
  ClearExpiredDetails,
];

const restoring = [
  CatchUpOpenAttempt,
  AdoptedUsage,
  AdoptCall,
  TakeInPlacedCall,
  TakeInStrayReport,
  CompareWithVendors,
  WatchRestores,
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
        ...restoring,
      ],
      exports: [DispatchSettings, HangUpCall, PhoneNumbers, RepeatHangUps],
    };
  }
}

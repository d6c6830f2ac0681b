import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DrizzleCallRecords } from './adapters/drizzle/drizzle-call-records';
import { DrizzleCallRequests } from './adapters/drizzle/drizzle-call-requests';
import { DrizzleCallTemplates } from './adapters/drizzle/drizzle-call-templates';
import { DrizzlePersonalData } from './adapters/drizzle/drizzle-personal-data';
import { DrizzleQueueControl } from './adapters/drizzle/drizzle-queue-control';
import { DrizzleQueueWatch } from './adapters/drizzle/drizzle-queue-watch';
import { AdminCallsController } from './adapters/http/admin-calls.controller';
import { AdminQueueController } from './adapters/http/admin-queue.controller';
import { CallHistoryController } from './adapters/http/call-history.controller';
import { CallListsController } from './adapters/http/call-lists.controller';
import { CallTemplateListsController } from './adapters/http/call-template-lists.controller';
import { CallTemplatesController } from './adapters/http/call-templates.controller';
import { CallsController } from './adapters/http/calls.controller';
import { UserDataController } from './adapters/http/user-data.controller';
import { CallLog } from './adapters/log/call-log';
import { CallCounters } from './adapters/metrics/call-counters';
import { QueueGauges } from './adapters/metrics/queue-gauges';
import { WebhookCounters } from './adapters/metrics/webhook-counters';
import { CallRules } from './application/call-rules';
import { CancelCall } from './application/cancel-call';
import { ChangeCallTemplate } from './application/change-call-template';
import { CreateCallTemplate } from './application/create-call-template';
import { DeleteCallTemplate } from './application/delete-call-template';
import type { DispatchSettings } from './application/dispatch-settings';
import { EndCallsOfUser } from './application/end-calls-of-user';
import { EraseUser } from './application/erase-user';
import { ForgetUser } from './application/forget-user';
import { GetCall } from './application/get-call';
import { GetCallRecord } from './application/get-call-record';
import { GetCallTemplate } from './application/get-call-template';
import { ListAllCalls } from './application/list-all-calls';
import { ListCallRecords } from './application/list-call-records';
import { ListCallTemplates } from './application/list-call-templates';
import { ListCalls } from './application/list-calls';
import { PauseQueue } from './application/pause-queue';
import { CallRecords } from './application/ports/call-records.port';
import { CallRequests } from './application/ports/call-requests.port';
import { CallTemplates } from './application/ports/call-templates.port';
import { PersonalData } from './application/ports/personal-data.port';
import { QueueControl } from './application/ports/queue-control.port';
import { QueueWatch } from './application/ports/queue-watch.port';
import { QueueCall } from './application/queue-call';
import { QueueCallBatch } from './application/queue-call-batch';
import { ResumeQueue } from './application/resume-queue';
import { RetryCall } from './application/retry-call';
import { StopQueue } from './application/stop-queue';
import { TemplateRules } from './application/template-rules';
import { UserStanding } from './application/user-standing';
import { ViewQueue } from './application/view-queue';
import { DispatchModule } from './dispatch.module';

const templates: Provider[] = [
  TemplateRules,
  CreateCallTemplate,
  ChangeCallTemplate,
  DeleteCallTemplate,
  GetCallTemplate,
  ListCallTemplates,
  { provide: CallTemplates, useClass: DrizzleCallTemplates },
];

const requests: Provider[] = [
  UserStanding,
  CallRules,
  QueueCall,
  QueueCallBatch,
  GetCall,
  ListCalls,
  CancelCall,
  RetryCall,
  { provide: CallRequests, useClass: DrizzleCallRequests },
];

const history: Provider[] = [GetCallRecord, ListCallRecords, { provide: CallRecords, useClass: DrizzleCallRecords }];

const administration: Provider[] = [
  ViewQueue,
  PauseQueue,
  ResumeQueue,
  StopQueue,
  EndCallsOfUser,
  ForgetUser,
  EraseUser,
  { provide: PersonalData, useClass: DrizzlePersonalData },
  ListAllCalls,
  { provide: QueueControl, useClass: DrizzleQueueControl },
];

const observation: Provider[] = [
  CallLog,
  CallCounters,
  WebhookCounters,
  QueueGauges,
  { provide: QueueWatch, useClass: DrizzleQueueWatch },
];

@Module({})
export class CallsModule {
  static register(settings: DispatchSettings): DynamicModule {
    return {
      module: CallsModule,
      imports: [DispatchModule.register(settings)],
      controllers: [
        CallsController,
        CallListsController,
        CallTemplatesController,
        CallTemplateListsController,
        CallHistoryController,
        AdminQueueController,
        AdminCallsController,
        UserDataController,
      ],
      providers: [...templates, ...requests, ...history, ...administration, ...observation],
    };
  }
}

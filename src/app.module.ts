import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { BillingModule } from './modules/billing/billing.module';
import { CallsModule } from './modules/calls/calls.module';
import { ProvidersModule } from './modules/providers/providers.module';
import { UsersModule } from './modules/users/users.module';
import type { Settings } from './settings';
import { DatabaseModule } from './shared/database/database.module';
import { EventsModule } from './shared/events/events.module';
import { EdgeModule } from './shared/http/edge.module';

@Module({})
export class AppModule {
  /** @param additions modules beyond the product's own, for tests */
  static register(settings: Settings, additions: NonNullable<ModuleMetadata['imports']> = []): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ScheduleModule.forRoot(),
        DatabaseModule.register(settings.database),
        EventsModule,
        EdgeModule.register(settings.http),
        UsersModule.register(settings.tokens),
        BillingModule.register(settings.billing),
        ProvidersModule.register(settings.providers),
        CallsModule.register(settings.dispatch),
        ...additions,
      ],
    };
  }
}

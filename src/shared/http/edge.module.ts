import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { SchedulerRegistry } from '@nestjs/schedule';
import { DrizzleAuditTrail } from '../database/drizzle-audit-trail';
import { DrizzleIdempotencyKeys } from '../database/drizzle-idempotency-keys';
import { AuditTrail, CurrentAuthor } from '../kernel/audit-trail.port';
import { Metrics } from '../observability/metrics';
import { OperationsController } from './operations.controller';
import { Readiness } from '../observability/readiness';
import { AuditController } from './audit.controller';
import type { HttpSettings } from './http.settings';
import { IdempotencyKeys } from './idempotency-keys.port';
import { IdempotencyKeysSweep } from './idempotency-keys-sweep';
import { NoticePeriod } from './notice-period';
import { ProblemFilter } from './problem.filter';
import { RateLimiter } from './rate-limiter';
import { RequestAuthor } from './request-author';
import { RequestValidationPipe } from './request-validation.pipe';

/** What every route shares: errors, validation, idempotency, limits, the audit trail, and the operators' own routes. */
@Global()
@Module({})
export class EdgeModule {
  static register({ rateLimits, idempotencyKeyRetentionMs, shutdownDelayMs }: HttpSettings): DynamicModule {
    return {
      module: EdgeModule,
      controllers: [OperationsController, AuditController],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: RequestValidationPipe },
        RequestAuthor,
        { provide: CurrentAuthor, useExisting: RequestAuthor },
        { provide: APP_INTERCEPTOR, useExisting: RequestAuthor },
        { provide: AuditTrail, useClass: DrizzleAuditTrail },
        { provide: RateLimiter, useFactory: () => new RateLimiter(rateLimits) },
        { provide: IdempotencyKeys, useClass: DrizzleIdempotencyKeys },
        {
          provide: IdempotencyKeysSweep,
          useFactory: (keys: IdempotencyKeys, scheduler: SchedulerRegistry) =>
            new IdempotencyKeysSweep(keys, scheduler, idempotencyKeyRetentionMs),
          inject: [IdempotencyKeys, SchedulerRegistry],
        },
        { provide: NoticePeriod, useFactory: () => new NoticePeriod(shutdownDelayMs) },
        Metrics,
        Readiness,
      ],
      exports: [AuditTrail, RateLimiter, IdempotencyKeys, Metrics, Readiness],
    };
  }
}

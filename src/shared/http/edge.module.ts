import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { DrizzleIdempotencyKeys } from '../database/drizzle-idempotency-keys';
import { Metrics } from '../observability/metrics';
import { OperationsController } from './operations.controller';
import { Readiness } from '../observability/readiness';
import type { HttpSettings } from './http.settings';
import { IdempotencyKeys } from './idempotency-keys.port';
import { ProblemFilter } from './problem.filter';
import { RateLimiter } from './rate-limiter';
import { RequestValidationPipe } from './request-validation.pipe';

/** What every route shares: errors, validation, idempotency, limits, and the operators' own routes. */
@Global()
@Module({})
export class EdgeModule {
  static register({ rateLimitPerMinute }: HttpSettings): DynamicModule {
    return {
      module: EdgeModule,
      controllers: [OperationsController],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: RequestValidationPipe },
        { provide: RateLimiter, useFactory: () => new RateLimiter(rateLimitPerMinute) },
        { provide: IdempotencyKeys, useClass: DrizzleIdempotencyKeys },
        Metrics,
        Readiness,
      ],
      exports: [RateLimiter, IdempotencyKeys, Metrics, Readiness],
    };
  }
}

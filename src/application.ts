import helmet from '@fastify/helmet';
import { Logger, type LoggerService, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { AppModule } from './app.module';
import type { Settings } from './settings';
import { createFastifyAdapter } from './shared/http/fastify-adapter';
import { describeApi } from './shared/http/openapi';
import { ServiceLogger } from './shared/observability/logger';
import { Metrics } from './shared/observability/metrics';
import { observeRequests } from './shared/observability/observe-requests';
import { traceRequests } from './shared/observability/trace-requests';

export interface ApplicationOptions {
  /** Modules beyond the product's own: routes that only a test needs. */
  readonly additions?: ModuleMetadata['imports'];
  readonly logger?: LoggerService | false;
}

/** Routes that operators and vendors' tools expect at the root. */
const OUTSIDE_PREFIX = ['health/live', 'health/ready', 'metrics'];

/**
 * The whole service, wired but not listening. `listen()` starts it, `close()` stops it. Several can live in one
 * process: nothing is kept outside of the application but the logger.
 */
export async function createApplication(
  settings: Settings,
  options: ApplicationOptions = {},
): Promise<NestFastifyApplication> {
  const app = await assemble(settings, options);
  warnOfPayments(settings);
  await app.register(helmet, { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });
  observeRequests(app.getHttpAdapter().getInstance(), app.get(Metrics));
  traceRequests(app.getHttpAdapter().getInstance());
  SwaggerModule.setup('docs', app, () => describeApi(app), { jsonDocumentUrl: 'openapi.json', raw: ['json'] });
  return app;
}

/** The description of the API as `/openapi.json` serves it. Connects to nothing. */
export async function describeService(settings: Settings): Promise<OpenAPIObject> {
  const app = await assemble(settings, { logger: false });
  const description = describeApi(app);
  await app.close();
  return description;
}

async function assemble(settings: Settings, options: ApplicationOptions): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(settings, options.additions),
    createFastifyAdapter(),
    { bodyParser: false, abortOnError: false, logger: options.logger ?? new ServiceLogger(settings.logLevel) },
  );
  return app.setGlobalPrefix('v1', { exclude: OUTSIDE_PREFIX });
}

/** Local mode is for trying the service out; with a database of its own, somebody may have forgotten the key. */
function warnOfPayments({ isLocalMode, billing: { payments } }: Settings): void {
  const logger = new Logger('Billing');
  if (payments.kind === 'local' && !isLocalMode) {
    logger.warn(
      'STRIPE_SECRET_KEY is not set: whoever buys a plan does so on a page of the service, where nobody really pays.',
    );
  }
  if (payments.kind === 'none' && payments.mayBeLocal) {
    logger.warn(
      'STRIPE_SECRET_KEY is not set: paid plans cannot be bought. To try them out on a page without real payments, ' +
        'which everybody who reaches the service may use, set LOCAL_PAYMENTS=true.',
    );
  }
}

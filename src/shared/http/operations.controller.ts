import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Public } from './caller';
import { Metrics } from '../observability/metrics';
import { Readiness, type ReadinessReport } from '../observability/readiness';

const Liveness = z.object({ status: z.literal('ok') }).meta({ id: 'Liveness', examples: [{ status: 'ok' }] });
const ReadinessView = z
  .object({ status: z.enum(['ok', 'unavailable']), checks: z.record(z.string(), z.enum(['ok', 'failed'])) })
  .meta({
    id: 'Readiness',
    examples: [{ status: 'ok', checks: { database: 'ok', migrations: 'ok', listen: 'ok', dispatcher: 'ok' } }],
  });
interface ReadinessView {
  readonly status: 'ok' | 'unavailable';
  readonly checks: ReadinessReport['checks'];
}

/** What orchestrators and Prometheus ask for. */
@ApiTags('Operations')
@Controller()
@Public()
export class OperationsController {
  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
  ) {}

  @Get('health/live')
  @ApiOperation({ summary: 'Whether the process runs' })
  @ApiOkResponse({ standardSchema: Liveness })
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @ApiOperation({
    summary: 'Whether the service can work',
    description:
      '`database`: it answers. `migrations`: none is pending. `listen`: notifications of the database arrive, or have ' +
      'been missed for less than 30 seconds. `dispatcher`: the queue is looked at, and what is due is claimed. ' +
      '`running` is there, and failed, from the moment the service begins to stop.',
  })
  @ApiOkResponse({ standardSchema: ReadinessView })
  @ApiResponse({ status: 503, description: 'Not ready', standardSchema: ReadinessView })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessView> {
    const { isReady, checks } = await this.readiness.report();
    if (!isReady) void reply.code(503).header('retry-after', '5');
    return { status: isReady ? 'ok' : 'unavailable', checks };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiOperation({ summary: 'Metrics for Prometheus' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
  readMetrics(): Promise<string> {
    return this.metrics.text();
  }
}

import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics';

/**
 * Counts and logs every answered request by its route template: never its URL, headers or body, which may carry
 * keys and people's data.
 */
export function observeRequests(fastify: FastifyInstance, metrics: Metrics): void {
  const logger = new Logger('Http');
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    metrics.observeRequest({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    const line = `${request.method} ${route} ${String(reply.statusCode)} ${reply.elapsedTime.toFixed(0)} ms ${request.id}`;
    if (route.startsWith('/v1/')) logger.log(line);
    else logger.debug(line);
    done();
  });
}

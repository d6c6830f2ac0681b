import { type Context, ROOT_CONTEXT, type Span } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { end, endFailed, isTracing, requestSpan, traceOf } from './spans';

/** Orchestrators and Prometheus ask every few seconds, and learn the same from the answer itself. */
const TRACED = '/v1/';
/** Vendors are strangers: their traces are theirs, and what they sample is not for them to decide here. */
const OF_VENDORS = '/v1/webhooks/';

/**
 * A span for every request, named by its route template: never its URL, headers or body, which may carry keys and
 * people's data. Behind `observeRequests`, whose story it belongs to.
 */
export function traceRequests(fastify: FastifyInstance): void {
  if (!isTracing()) return;
  fastify.addHook('onRequest', (request, reply, done) => {
    const span = request.url.startsWith(TRACED) ? open(request) : undefined;
    if (span)
      reply.raw.once('close', () => {
        close(span, reply);
      });
    done();
  });
}

function close(span: Span, { raw, statusCode }: FastifyReply): void {
  if (raw.headersSent) span.setAttribute('http.response.status_code', statusCode);
  if (!raw.writableFinished) end(span.setAttribute('error.type', 'aborted'));
  else if (statusCode >= 500) endFailed(span, String(statusCode));
  else end(span);
}

function open(request: FastifyRequest): Span | undefined {
  const { method, protocol } = request;
  const route = request.routeOptions.url;
  const attributes = {
    'http.request.method': method,
    'url.scheme': protocol,
    ...(route !== undefined && { 'http.route': route }),
  };
  return requestSpan(route === undefined ? method : `${method} ${route}`, attributes, contextOf(request));
}

function contextOf({ url, headers }: FastifyRequest): Context {
  return url.startsWith(OF_VENDORS) ? ROOT_CONTEXT : traceOf(headers);
}

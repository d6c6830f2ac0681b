import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics } from './metrics';
import { type Facts, inStory, note, openStory, type Story } from './story';

/** Which ids of which routes the log knows by a name of their own. */
const IDS_IN_ROUTES = [
  [/^\/v1\/calls\/:id/, 'id', 'callId'],
  [/^\/v1\/admin\/providers\/:id/, 'id', 'providerId'],
  [/^\/v1\/webhooks\/providers\/:providerId/, 'providerId', 'providerId'],
] as const;
/** Whatever else stands in such a place was made up, and may be anything. */
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * Counts and logs every answered request by its route template: never its URL, headers or body, which may carry
 * keys and people's data. Everything that is logged while a request is worked on carries its id.
 */
export function observeRequests(fastify: FastifyInstance, metrics: Metrics): void {
  const logger = new Logger('Http');
  const stories = new WeakMap<FastifyRequest, Story>();
  fastify.addHook('onRequest', (request, reply, done) => {
    const story = openStory('request', { requestId: request.id });
    stories.set(request, story);
    // Unlike the server's own hook for the end of an answer, this also comes where a client has not waited for one.
    reply.raw.once('close', () => {
      inStory(story, () => {
        observe(request, reply);
      });
    });
    inStory(story, done);
  });
  // A body that arrives later is read in the socket's callbacks, where the thread is lost.
  fastify.addHook('preValidation', (request, _, done) => {
    inStory(stories.get(request), () => {
      note(idsInRoute(request));
      done();
    });
  });
  function observe(request: FastifyRequest, reply: FastifyReply): void {
    const { method } = request;
    const route = routeOf(request);
    if (isAnswered(reply))
      metrics.observeRequest({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    const level = route.startsWith('/v1/') ? 'log' : 'debug';
    if (Logger.isLevelEnabled(level)) tell(logger, level, request, reply);
  }
}

/** False where the client has gone before it had all of it. */
function isAnswered({ raw }: FastifyReply): boolean {
  return raw.writableFinished;
}

function tell(logger: Logger, level: 'log' | 'debug', request: FastifyRequest, reply: FastifyReply): void {
  const { method } = request;
  const isAborted = !isAnswered(reply);
  const status = reply.raw.headersSent ? reply.statusCode : undefined;
  const route = routeOf(request);
  const durationMs = Math.round(reply.elapsedTime);
  logger[level](`${method} ${route} ${isAborted ? 'aborted by the client' : String(status)}`, {
    event: 'request.answered',
    ...{ method, route, status, durationMs, requestId: request.id },
    ...(isAborted && { isAborted }),
  });
}

function idsInRoute(request: FastifyRequest): Facts {
  const place = IDS_IN_ROUTES.find(([route]) => route.test(routeOf(request)));
  if (!place) return {};
  const [, parameter, name] = place;
  const given = (request.params as Readonly<Record<string, string | undefined>>)[parameter]?.toLowerCase() ?? '';
  return UUID.test(given) ? { [name]: given } : {};
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unmatched';
}

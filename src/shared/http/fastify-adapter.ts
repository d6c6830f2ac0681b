import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { closeUnusedConnections } from './close-unused-connections';
import { edgeRefusal, PROBLEM_TYPE, toProblem } from './problem';
import { sendProblem } from './problem.filter';

const BODY_LIMIT_BYTES = 1_048_576;
/** Vendors put whole transcripts into their webhooks. */
const WEBHOOK_BODY_LIMIT_BYTES = 5 * 1_048_576;
const WEBHOOKS = '/v1/webhooks/';
/** How long a request may take to arrive completely, so that slow senders cannot hold connections for ever. */
const ARRIVAL_TIMEOUT_MS = 60_000;
/** Incoming request ids that may be repeated in answers and logs. */
const SAFE_REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * Fastify as the service wants it: request ids, body limits, JSON only, exact bytes kept for webhook signatures, and
 * problem+json for what fails before a route is found.
 */
export function createFastifyAdapter(): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: ARRIVAL_TIMEOUT_MS,
    genReqId: requestIdOf,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: refuseBeforeRouting,
    clientErrorHandler: refuseBrokenHttp,
  });
  const fastify: FastifyInstance = adapter.getInstance();
  fastify.addHook('onRoute', (route) => {
    if (route.url.startsWith(WEBHOOKS)) route.bodyLimit = WEBHOOK_BODY_LIMIT_BYTES;
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    if (request.url.startsWith('/v1/')) reply.header('cache-control', 'no-store');
    done();
  });
  acceptJsonOnly(fastify);
  closeUnusedConnections(fastify);
  return adapter;
}

function requestIdOf(request: { readonly headers: IncomingMessage['headers'] }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && SAFE_REQUEST_ID.test(given) ? given : randomUUID();
}

/**
 * An empty body counts as none, even when its type is announced: many clients send the header with every POST. Names that
 * would reach an object's prototype are refused; what a vendor has signed is read without them, because a vendor can
 * only repeat it.
 */
function acceptJsonOnly(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  const parseWebhook = fastify.getDefaultJsonParser('remove', 'remove');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const isWebhook = request.url.startsWith(WEBHOOKS);
    if (isWebhook) Object.assign(request, { rawBody: body });
    if (body.length === 0) done(null, undefined);
    else void (isWebhook ? parseWebhook : parse)(request, body.toString('utf8'), done);
  });
}

/** The URL cannot be decoded or is too long: no route, no hooks, no Nest. */
function refuseBeforeRouting(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-content-type-options', 'nosniff');
  sendProblem(reply, edgeRefusal(error.statusCode ?? 400), request.id);
}

const STATUS_OF_CLIENT_ERROR: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** What came is no HTTP: there is only a socket to answer on. */
function refuseBrokenHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy(error);
    return;
  }
  const problem = toProblem(edgeRefusal(STATUS_OF_CLIENT_ERROR[error.code ?? ''] ?? 400), randomUUID());
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${String(problem.status)} ${problem.title}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
      `X-Request-Id: ${problem.requestId}\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\nConnection: close\r\n\r\n${body}`,
  );
}

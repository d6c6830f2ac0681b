import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeFailure } from '../observability/describe-failure';
import { PROBLEM_TYPE, type Refusal, toProblem, toRefusal } from './problem';

/** Answers every error of a request with application/problem+json, whoever raised it. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const refusal = toRefusal(error);
    if (refusal.status >= 500) this.report(error, refusal, request);
    sendProblem(reply, refusal, request.id);
  }

  /** A missing database is one line; only a bug shows its stack. */
  private report(error: unknown, refusal: Refusal, request: FastifyRequest): void {
    const place = `${request.method} ${request.routeOptions.url ?? 'unmatched'} ${request.id}`;
    if (refusal.isBug) this.logger.error(`${place} failed\n${describeFailure(error)}`);
    else this.logger.warn(`${place} ${refusal.code}: ${error instanceof Error ? error.name : 'unknown'}`);
  }
}

/** Sends a refusal unless an answer has begun already. */
export function sendProblem(reply: FastifyReply, refusal: Refusal, requestId: string): void {
  if (reply.sent || reply.raw.headersSent) return;
  if (refusal.retryAfterSeconds !== undefined) reply.header('retry-after', String(refusal.retryAfterSeconds));
  if (refusal.code === 'auth.unauthenticated') reply.header('www-authenticate', 'Bearer');
  void reply
    .code(refusal.status)
    .header('content-type', PROBLEM_TYPE)
    .header('x-request-id', requestId)
    .send(JSON.stringify(toProblem(refusal, requestId)));
}

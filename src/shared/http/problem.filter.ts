import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeFailure, isError } from '../observability/describe-failure';
import { Troubles } from '../kernel/troubles';
import { note } from '../observability/story';
import { PROBLEM_TYPE, type Refusal, toProblem, toRefusal } from './problem';

/** Answers every error of a request with application/problem+json, whoever raised it. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');
  /** What is away, by the code that it is refused with. Each request has a line of its own besides. */
  private readonly absences = new Troubles();

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const refusal = toRefusal(error);
    note({ code: refusal.code });
    if (refusal.status >= 500) this.report(error, refusal, request);
    sendProblem(reply, refusal, request.id);
  }

  /** A missing database is one line until it is back; only a bug shows its stack. */
  private report(error: unknown, { isBug, code, status }: Refusal, request: FastifyRequest): void {
    const { method, id: requestId } = request;
    const route = request.routeOptions.url ?? 'unmatched';
    const facts = { event: 'request.failed', method, route, status, code, requestId };
    if (isBug) this.logger.error(`${method} ${route} failed: ${BUG}`, asError(error), facts);
    else this.tellOfAbsence(`${method} ${route} ${code}: ${isError(error) ? error.name : 'unknown'}`, facts);
  }

  private tellOfAbsence(line: string, facts: { readonly code: string }): void {
    this.logger[this.absences.meet(facts.code) ? 'warn' : 'debug'](line, facts);
  }
}

const BUG = 'a bug, see docs/runbooks/service-trouble.md';

/** Whatever was thrown, its stack is one part of one line. */
function asError(error: unknown): Error {
  return isError(error) ? error : new Error(describeFailure(error));
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

import { createHash } from 'node:crypto';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { UnitOfWork } from '../kernel/unit-of-work.port';
import type { AuthenticatedRequest } from './caller';
import { type IdempotencyKey, IdempotencyKeys, type StoredAnswer } from './idempotency-keys.port';
import { IdempotencyConflict, RequestInProgress, RequestInvalid } from './request.errors';

const MAX_KEY_LENGTH = 255;

/** Whether the handler may share its transaction. */
const SharesTransaction = Reflector.createDecorator<boolean>();

export interface Exchange {
  readonly request: FastifyRequest & AuthenticatedRequest;
  readonly reply: FastifyReply;
}

/**
 * Answers a repeated request with the first answer. The handler runs in one unit of work together with the key, so
 * its effect and the memory of it commit together or not at all; errors roll both back and are not kept.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly unitOfWork: UnitOfWork,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const exchange = exchangeOf(context);
    const key = keyOf(exchange.request);
    if (key === undefined) return next.handle();
    const answer = () => this.answerOnce(key, exchange, next);
    const isShared = this.reflector.get(SharesTransaction, context.getHandler());
    return from(isShared ? this.unitOfWork.runShared(answer) : this.unitOfWork.run(answer));
  }

  private async answerOnce(key: IdempotencyKey, { request, reply }: Exchange, next: CallHandler): Promise<unknown> {
    const { isTaken, stored } = await this.keys.take(key);
    if (!isTaken) throw new RequestInProgress();
    const question = questionOf(request);
    if (stored) return replay(stored, question, reply);
    const response: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
    if (reply.statusCode >= 200 && reply.statusCode < 300) {
      await this.keys.keep(key, { ...question, status: reply.statusCode, response: response ?? null });
    }
    return response;
  }
}

/** The route takes the optional header Idempotency-Key (1..255 characters, kept 24 hours per user). */
export const Idempotent = () => applyDecorators(UseInterceptors(IdempotencyInterceptor), ApiIdempotencyKey());

/** Like Idempotent, for a handler whose unit of work may be shared (`UnitOfWork.runShared`). */
export const IdempotentShared = () => applyDecorators(Idempotent(), SharesTransaction(true));

/** Shows the header in the description of the API. */
export const ApiIdempotencyKey = () =>
  ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Repeating a request with the same key and body within 24 hours returns the first 2xx answer.',
    schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_LENGTH },
  });

/** What a request asks for, in a form that tells two requests apart. */
export type Question = Pick<StoredAnswer, 'route' | 'requestHash'>;

export function questionOf(request: FastifyRequest): Question {
  return { route: routeOf(request), requestHash: hashOf(request) };
}

export function replay(stored: StoredAnswer, question: Question, reply: FastifyReply): unknown {
  if (stored.route !== question.route || stored.requestHash !== question.requestHash) throw new IdempotencyConflict();
  void reply.code(stored.status).header('idempotent-replayed', 'true');
  return stored.response;
}

export function exchangeOf(context: ExecutionContext): Exchange {
  const http = context.switchToHttp();
  return { request: http.getRequest<Exchange['request']>(), reply: http.getResponse<FastifyReply>() };
}

/** Undefined for a request without a key. @throws RequestInvalid */
export function keyOf(request: Exchange['request']): IdempotencyKey | undefined {
  const header = request.headers['idempotency-key'];
  return header === undefined ? undefined : { subject: subjectOf(request), key: readKey(header) };
}

function readKey(header: string | readonly string[]): string {
  const key = String(header);
  if (key.length >= 1 && key.length <= MAX_KEY_LENGTH) return key;
  throw new RequestInvalid([
    { path: 'Idempotency-Key', message: `Must have 1 to ${String(MAX_KEY_LENGTH)} characters` },
  ]);
}

function subjectOf({ caller }: AuthenticatedRequest): string {
  if (!caller) throw new Error('Idempotent is used on a public route');
  return caller.user?.sub ?? 'service';
}

function routeOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? ''}`;
}

function hashOf({ body, params, query }: FastifyRequest): string {
  return createHash('sha256')
    .update(canonical([body ?? null, params, query]))
    .digest('hex');
}

/** JSON with sorted keys: two spellings of one body are the same request. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

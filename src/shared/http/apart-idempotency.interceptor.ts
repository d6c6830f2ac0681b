import { randomUUID } from 'node:crypto';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { UnitOfWork } from '../kernel/unit-of-work.port';
import { type IdempotencyKey, IdempotencyKeys, type StoredAnswer, UNDER_WAY } from './idempotency-keys.port';
import {
  ApiIdempotencyKey,
  type Exchange,
  exchangeOf,
  keyOf,
  type Question,
  questionOf,
  replay,
} from './idempotency.interceptor';
import { RequestInProgress } from './request.errors';

/** How often a request that is under way says so: many times in what counts as silence. */
const SIGN_OF_LIFE_MS = 5_000;

/**
 * Answers a repeated request with the first answer, like IdempotencyInterceptor, but without a unit of work around the
 * handler: for handlers that ask a vendor, who may be slow, and must hold no connection meanwhile. So the effect and the
 * memory of it do not commit together: the handler itself must be safe to repeat when the process dies in between.
 */
@Injectable()
export class ApartIdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const exchange = exchangeOf(context);
    const key = keyOf(exchange.request);
    if (key === undefined) return next.handle();
    return from(this.answerOnce(key, exchange, next));
  }

  private async answerOnce(key: IdempotencyKey, { request, reply }: Exchange, next: CallHandler): Promise<unknown> {
    const question = questionOf(request);
    const run = randomUUID();
    const stored = await this.unitOfWork.run(() => this.begin(key, question, run));
    if (stored) return replay(stored, question, reply);
    const stopSigns = this.giveSignsOfLife(key, run);
    let isKept = false;
    try {
      const response: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      isKept = reply.statusCode >= 200 && reply.statusCode < 300;
      const answer = { ...question, status: reply.statusCode, response: response ?? null };
      if (isKept) await this.unitOfWork.run(() => this.keys.keep(key, answer, run));
      return response;
    } finally {
      stopSigns();
      // A key that cannot be forgotten now counts as abandoned soon; the first failure is the one to tell.
      if (!isKept) await this.unitOfWork.run(() => this.keys.forget(key, run)).catch(() => undefined);
    }
  }

  /** However slow the handler is: only who gives none any more may be taken for dead. @returns what stops them */
  private giveSignsOfLife(key: IdempotencyKey, run: string): () => void {
    let isAtIt = false;
    const timer = setInterval(() => {
      if (isAtIt) return;
      isAtIt = true;
      // One that fails is followed by the next.
      const sign = this.keys.touch(key, run).catch(() => undefined);
      void sign.finally(() => (isAtIt = false));
    }, SIGN_OF_LIFE_MS);
    timer.unref();
    return () => {
      clearInterval(timer);
    };
  }

  /** @returns an answer that is there already, to this or another question */
  private async begin(key: IdempotencyKey, question: Question, run: string): Promise<StoredAnswer | undefined> {
    const { isTaken, stored } = await this.keys.take(key);
    if (!isTaken) throw new RequestInProgress();
    const isSame = stored?.route === question.route && stored.requestHash === question.requestHash;
    if (stored && (stored.status !== UNDER_WAY || !isSame)) return stored;
    if (stored && !(await this.keys.isAbandoned(key))) throw new RequestInProgress();
    if (await this.keys.begin(key, question, run)) return undefined;
    return this.findAnswer(key);
  }

  /** Of a run that was taken for dead, and was done or gave a sign of life at the last moment. */
  private async findAnswer(key: IdempotencyKey): Promise<StoredAnswer> {
    const stored = await this.keys.find(key);
    if (!stored || stored.status === UNDER_WAY) throw new RequestInProgress();
    return stored;
  }
}

/** Like Idempotent, for a handler that asks a vendor and is safe to repeat. */
export const IdempotentApart = () => applyDecorators(UseInterceptors(ApartIdempotencyInterceptor), ApiIdempotencyKey());

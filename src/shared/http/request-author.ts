import { AsyncLocalStorage } from 'node:async_hooks';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { type ChangeAuthor, CurrentAuthor } from '../kernel/audit-trail.port';
import type { AuthenticatedRequest } from './caller';

const SYSTEM: ChangeAuthor = { kind: 'system', userId: null, requestId: null };

/** Remembers whose request the running code serves; code that serves none is the system's. */
@Injectable()
export class RequestAuthor extends CurrentAuthor implements NestInterceptor {
  private readonly authors = new AsyncLocalStorage<ChangeAuthor>();

  get(): ChangeAuthor {
    return this.authors.getStore() ?? SYSTEM;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest & AuthenticatedRequest>();
    const { caller } = request;
    if (!caller) return next.handle();
    const author = { kind: caller.kind, userId: caller.user?.sub ?? null, requestId: request.id };
    return this.authors.run(author, () => next.handle());
  }
}

import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ACCESS, type Access, type AuthenticatedRequest, RATE_BUCKET } from '../../../../shared/http/caller';
import { RateLimiter } from '../../../../shared/http/rate-limiter';
import { AdmitCaller } from '../../application/admit-caller';
import { IdentifyCaller } from '../../application/identify-caller';
import { type Identity, parseUserId } from '../../domain/identity';
import { Unauthenticated } from '../../domain/users.errors';

type Request = FastifyRequest & AuthenticatedRequest;

const ON_BEHALF_OF = 'x-on-behalf-of';

/** Lets requests through to routes that admit their caller, as long as the caller does not ask too often. */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly identifyCaller: IdentifyCaller,
    private readonly admitCaller: AdmitCaller,
    private readonly limiter: RateLimiter,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const access = (this.markOf(ACCESS, context) as Access | undefined) ?? 'user';
    if (access === 'public') {
      await this.countVisitor(request);
      return true;
    }
    const identity = await this.identify(request);
    const onBehalfOf = headerOf(request, ON_BEHALF_OF);
    this.count(payerOf(identity, onBehalfOf), this.markOf(RATE_BUCKET, context));
    request.caller = await this.admitCaller.execute({ identity, access, onBehalfOf });
    return true;
  }

  private markOf(name: string, context: ExecutionContext): string | undefined {
    return this.reflector.getAllAndOverride<string | undefined>(name, [context.getHandler(), context.getClass()]);
  }

  private count(payer: string, bucket: string | undefined): void {
    this.limiter.countUser(payer);
    if (bucket !== undefined) this.limiter.countInBucket(bucket, payer);
  }

  /** Only requests without a valid token count for the address: many users may share one. */
  private async identify(request: Request): Promise<Identity> {
    try {
      return await this.identifyCaller.execute(headerOf(request, 'authorization'));
    } catch (error) {
      if (error instanceof Unauthenticated) this.limiter.countAddress(request.ip);
      throw error;
    }
  }

  /** A public route asks for no token, but a valid one spares its user the address's small share. */
  private async countVisitor(request: Request): Promise<void> {
    if (!isLimited(request)) return;
    const identity = await this.identifyCaller.execute(headerOf(request, 'authorization')).catch(() => undefined);
    if (identity) this.limiter.countUser(payerOf(identity, undefined));
    else this.limiter.countAddress(request.ip);
  }
}

/** Operations and webhooks are asked by machines that must not be turned away. */
function isLimited(request: Request): boolean {
  const route = request.routeOptions.url ?? '';
  return route.startsWith('/v1/') && !route.startsWith('/v1/webhooks/');
}

/** Whose minute a request uses: that of the user whom an internal service names. */
function payerOf(identity: Identity, onBehalfOf: string | undefined): string {
  const named = identity.kind === 'service' && onBehalfOf ? parseUserId(onBehalfOf) : undefined;
  return named ?? identity.subject;
}

function headerOf(request: Request, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

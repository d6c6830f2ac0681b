import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { UserClaims } from '../kernel/unit-of-work.port';

/**
 * Who sends a request. `user` is whom it is about: the token's own subject, or the one that an internal service
 * names with X-On-Behalf-Of; undefined for a service that names nobody.
 */
export interface Caller {
  readonly kind: 'user' | 'service';
  readonly user: UserClaims | undefined;
  readonly isAdmin: boolean;
}

/** What a route demands of its caller; every route without a mark demands a user. */
export type Access = 'user' | 'admin' | 'public';
export const ACCESS = 'ringonce:access';
/** Carries the mark into the description of the API, which translates and removes it. */
export const ACCESS_EXTENSION = 'x-access';

const admit = (access: Access) => applyDecorators(SetMetadata(ACCESS, access), ApiExtension(ACCESS_EXTENSION, access));

/** The route needs no token: operations, plans, webhooks. */
export const Public = () => admit('public');

/** The route is for administrators and internal services. */
export const AdminOnly = () => admit('admin');

/** The bucket in which a route's requests are counted, beside all that a user asks for. */
export const RATE_BUCKET = 'ringonce:rate-bucket';

/** The route costs more than others: users may ask it less often, as often as the bucket of this name says. */
export const RateBucket = (name: string) => SetMetadata(RATE_BUCKET, name);

/** The request with what the authentication guard found out. */
export interface AuthenticatedRequest {
  caller?: Caller;
}

/** The claims of the user that the request is about. Only on routes that demand a user. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): UserClaims => {
  const user = context.switchToHttp().getRequest<AuthenticatedRequest>().caller?.user;
  if (!user) throw new Error('CurrentUser is used on a route that admits callers without a user');
  return user;
});

/** Who sends the request, on routes for administrators. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = context.switchToHttp().getRequest<AuthenticatedRequest>().caller;
  if (!caller) throw new Error('CurrentCaller is used on a public route');
  return caller;
});

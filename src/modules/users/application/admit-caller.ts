import { Injectable } from '@nestjs/common';
import type { UserClaims } from '../../../shared/kernel/unit-of-work.port';
import { type Identity, parseUserId } from '../domain/identity';
import { AccessForbidden, SubjectInvalid, SubjectRequired, UserNotFound } from '../domain/users.errors';
import { UserDirectory } from '../public/user-directory.port';

export interface AdmissionRequest {
  readonly identity: Identity;
  readonly access: 'user' | 'admin';
  /** The header X-On-Behalf-Of, as sent. */
  readonly onBehalfOf: string | undefined;
}

/** A caller that may use the route, and the user that the request is about. */
export interface AdmittedCaller {
  readonly kind: 'user' | 'service';
  readonly user: UserClaims | undefined;
  readonly isAdmin: boolean;
}

/** Decides whether an identified caller may use a route, and for whom. */
@Injectable()
export class AdmitCaller {
  constructor(private readonly directory: UserDirectory) {}

  /** @throws AccessForbidden, SubjectRequired, SubjectInvalid, UserNotFound */
  async execute({ identity, access, onBehalfOf }: AdmissionRequest): Promise<AdmittedCaller> {
    if (access === 'admin' && !identity.isAdmin) throw new AccessForbidden();
    const { kind, isAdmin } = identity;
    const user = kind === 'service' ? await this.namedUser(access, onBehalfOf) : this.ownUser(identity, onBehalfOf);
    return { kind, isAdmin, user };
  }

  /**
   * Only internal services act for others. Ignoring the header would let its sender believe that it worked, and the
   * call would ring at the sender's own expense.
   */
  private ownUser({ subject, email }: Identity, onBehalfOf: string | undefined): UserClaims {
    if (onBehalfOf !== undefined && parseUserId(onBehalfOf) !== subject) throw new AccessForbidden();
    return email === undefined ? { sub: subject } : { sub: subject, email };
  }

  private async namedUser(
    access: AdmissionRequest['access'],
    onBehalfOf: string | undefined,
  ): Promise<UserClaims | undefined> {
    if (onBehalfOf === undefined && access === 'admin') return undefined;
    if (!onBehalfOf) throw new SubjectRequired();
    const userId = parseUserId(onBehalfOf);
    if (!userId) throw new SubjectInvalid();
    const known = await this.directory.statusOf([userId]);
    if (!known.has(userId)) throw new UserNotFound();
    return { sub: userId };
  }
}

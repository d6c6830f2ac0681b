import { Injectable } from '@nestjs/common';
import type { Page, PageRequest } from '../../../shared/kernel/page';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { Call } from '../domain/call';
import type { CallStatus } from '../domain/call-status';
import { CallRequests } from './ports/call-requests.port';

/** The user's calls, newest first. */
@Injectable()
export class ListCalls {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly requests: CallRequests,
  ) {}

  execute(claims: UserClaims, status: CallStatus | undefined, page: PageRequest): Promise<Page<Call>> {
    return this.unitOfWork.asUser(claims, () => this.requests.list({ userId: claims.sub, status }, page));
  }
}

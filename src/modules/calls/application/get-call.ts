import { Injectable } from '@nestjs/common';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { Call, CallAttempt } from '../domain/call';
import { CallNotFound } from '../domain/calls.errors';
import { CallRequests } from './ports/call-requests.port';

/** Reads one of the user's calls with its attempts. */
@Injectable()
export class GetCall {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly requests: CallRequests,
  ) {}

  /** @throws CallNotFound */
  execute(claims: UserClaims, callQueueId: string): Promise<Call & { readonly attempts: readonly CallAttempt[] }> {
    return this.unitOfWork.asUser(claims, async () => {
      const call = await this.requests.find(claims.sub, callQueueId);
      if (!call) throw new CallNotFound();
      return { ...call, attempts: await this.requests.attemptsOf(call.id) };
    });
  }
}

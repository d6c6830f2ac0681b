import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { UsageLedger } from '../../billing/public/usage-ledger.port';
import type { PlacedCall } from '../../providers/public/call-provider.port';
import { wholeMinutes } from '../domain/minutes';
import { type AdoptableCall, planAdoption } from '../domain/plan-adoption';
import { DispatchSettings } from './dispatch-settings';
import { Adoptions } from './ports/adoptions.port';

/** `closed`: the call is known, but the provider has no number or assistant that an attempt could name. */
export type Adoption = 'adopted' | 'closed' | 'lost';

/**
 * Writes down an attempt that a restored database has lost, under the id by which its vendor knows it, and reserves for
 * it like a claim does. From its commit on the call is not dialled again; what the vendor reports advances it.
 */
@Injectable()
export class AdoptCall {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly adoptions: Adoptions,
    private readonly ledger: UsageLedger,
    private readonly settings: DispatchSettings,
  ) {}

  /** @returns `lost` where the database does not know the call either */
  execute(providerId: string, placed: PlacedCall): Promise<Adoption> {
    return this.unitOfWork.run(async () => {
      const { callId } = placed.report;
      const call = callId === undefined ? undefined : await this.adoptions.lockCall(callId, placed.attemptId);
      return call === undefined ? 'lost' : this.adopt(call, providerId, placed);
    });
  }

  private async adopt(call: AdoptableCall, providerId: string, placed: PlacedCall): Promise<Adoption> {
    if (call.hasAttempt) return 'adopted';
    const parties = await this.adoptions.parties(providerId, placed);
    if (parties === undefined) {
      await this.adoptions.close(call.id);
      return 'closed';
    }
    const { attemptId: id, createdAt } = placed;
    const plan = planAdoption(call);
    if (plan.givenUpAttemptId !== null) await this.giveUp(plan.givenUpAttemptId);
    const reservedMinutes = await this.reserve(call, id, plan.isReserving);
    const { state } = plan;
    await this.adoptions.add({ ...parties, id, callQueueId: call.id, providerId, state, reservedMinutes, createdAt });
    return 'adopted';
  }

  /** An allowance that has nothing left is not overdrawn: what took place stays free then. */
  private async reserve(call: AdoptableCall, attemptId: string, isReserving: boolean): Promise<number> {
    const { id: callQueueId, userId, maxDurationSeconds } = call;
    const minutes = wholeMinutes(maxDurationSeconds ?? this.settings.defaultMaxCallSeconds);
    if (!isReserving || userId === null) return minutes;
    const [reservation] = await this.ledger.reserve([{ attemptId, callQueueId, userId, minutes }]);
    return reservation?.granted === true ? reservation.minutes : minutes;
  }

  private async giveUp(attemptId: string): Promise<void> {
    await this.adoptions.giveUp(attemptId);
    await this.ledger.release(attemptId);
  }
}

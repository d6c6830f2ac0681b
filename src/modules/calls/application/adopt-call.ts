import { Injectable, Logger } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { PlacedCall } from '../../providers/public/call-provider.port';
import { type AdoptableCall, planAdoption } from '../domain/plan-adoption';
import { AdoptedUsage } from './adopted-usage';
import { CallOver, CallStep } from './observed-facts';
import { Adoptions } from './ports/adoptions.port';

/**
 * `known`: the attempt is written down already · `closed`: the call is known, but the provider has no number or
 * assistant that an attempt could name · `lost`: the database does not know the call · `misdirected`: it does, but
 * somebody else was called · `left`: nothing may be written down just now.
 */
export type Adoption = 'adopted' | 'known' | 'closed' | 'lost' | 'misdirected' | 'left';

export interface Adopted {
  readonly became: Adoption;
  /** The provider that placed the call. */
  readonly providerId: string;
}

/** How a lost attempt comes to light. A report of a vendor counts without a mark, but only for a call that is queued. */
export type Occasion = 'comparison' | 'report';

/**
 * Writes down an attempt that a restored database has lost, under the id by which its vendor knows it, and reserves for
 * it like a claim does. From its commit on the call is not dialled again; what the vendor reports advances it.
 */
@Injectable()
export class AdoptCall {
  private readonly logger = new Logger(AdoptCall.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly adoptions: Adoptions,
    private readonly usage: AdoptedUsage,
    private readonly events: DomainEvents,
  ) {}

  /** @param listedBy the provider whose vendor tells of the call; another one of the same account may have placed it */
  async execute(listedBy: string, placed: PlacedCall, occasion: Occasion): Promise<Adopted> {
    const providerId = await this.adoptions.placedBy(listedBy, placed);
    return this.unitOfWork.run(async () => {
      const isMarked = await this.adoptions.holdMark(providerId);
      if (occasion === 'comparison' && !isMarked) return { became: 'left', providerId };
      const { callId } = placed.report;
      const call = callId === undefined ? undefined : await this.adoptions.lockCall(callId, placed.attemptId);
      const hindrance = hindranceTo(call, placed, occasion);
      if (call === undefined || hindrance !== undefined) return { became: hindrance ?? 'lost', providerId };
      return { became: await this.adopt(call, providerId, placed), providerId };
    });
  }

  private async adopt(call: AdoptableCall, providerId: string, placed: PlacedCall): Promise<Adoption> {
    const parties = await this.adoptions.parties(providerId, placed);
    const plan = planAdoption(call);
    if (plan.givenUpAttemptId !== null) await this.giveUp(call.id, plan.givenUpAttemptId);
    if (parties === undefined) {
      if (plan.state === 'unknown') await this.close(call.id);
      return 'closed';
    }
    const { attemptId: id, createdAt } = placed;
    const reservedMinutes = await this.usage.reserve(call, id, plan);
    const { state } = plan;
    await this.adoptions.add({ ...parties, id, callQueueId: call.id, providerId, state, reservedMinutes, createdAt });
    const { providerCallId } = placed.report;
    const facts = { event: 'attempt.restored', callId: call.id, attemptId: id, providerId, providerCallId };
    this.unitOfWork.afterCommit(() => {
      this.logger.log('The restored database had lost it: it is written down again', facts);
    });
    return 'adopted';
  }

  private async close(callId: string): Promise<void> {
    const code = await this.adoptions.close(callId);
    if (code === undefined) return;
    await this.events.publish(new CallOver('failed', code), new CallStep('call.failed', callId, { code }));
  }

  private async giveUp(callId: string, attemptId: string): Promise<void> {
    const providerId = await this.adoptions.giveUp(attemptId);
    await this.usage.release(attemptId);
    await this.events.publish(new CallStep('attempt.given_up', callId, { attemptId, providerId }));
  }
}

/** Metadata can be copied: whoever names our call but has called somebody else has not placed it. */
function hindranceTo(call: AdoptableCall | undefined, { to }: PlacedCall, occasion: Occasion): Adoption | undefined {
  if (call === undefined) return 'lost';
  if (call.hasAttempt) return 'known';
  if (to !== undefined && to !== call.recipientNumber) return 'misdirected';
  return occasion === 'report' && (call.status !== 'queued' || call.openAttempt !== null) ? 'left' : undefined;
}

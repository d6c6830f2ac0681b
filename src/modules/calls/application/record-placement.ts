import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { storable } from '../../../shared/kernel/storable';
import type { PlaceResult } from '../../providers/public/call-provider.port';
import { PlacementAnswered } from './observed-facts';
import type { PreparedAttempt } from './prepare-attempts';
import { TakeNews } from './take-news';

/** Records a vendor's answer to a placement. A webhook or the resolver may have been faster: what they proved stands. */
@Injectable()
export class RecordPlacement {
  constructor(
    private readonly takeNews: TakeNews,
    private readonly events: DomainEvents,
  ) {}

  /** Rejects when the attempt is not in the database, or the database does not take it. */
  async execute({ id, providerId, phoneNumber }: PreparedAttempt, result: PlaceResult): Promise<void> {
    const about = { attemptId: id, providerId, phoneNumberId: phoneNumber.id };
    await this.takeNews.execute({ kind: 'answer', ...about, result: storable(result) });
    await this.events.publish(new PlacementAnswered(providerId, result));
  }
}

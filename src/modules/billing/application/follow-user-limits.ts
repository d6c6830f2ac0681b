import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../../shared/kernel/audit-trail.port';
import { differences, type Snapshot } from '../../../shared/kernel/snapshot';
import type { Limits } from '../domain/allowance';
import { Allowances } from './ports/allowances.port';

/** Lets the running period follow what was agreed with a user, and writes the change down. */
@Injectable()
export class FollowUserLimits {
  constructor(
    private readonly allowances: Allowances,
    private readonly auditTrail: AuditTrail,
  ) {}

  /** `before` and `after` are null where nothing was or is agreed. Runs in the unit of work that made the change. */
  async execute(userId: string, before: Limits | null, after: Limits | null): Promise<void> {
    await this.allowances.refresh(userId);
    const subject = { kind: 'user_limits', id: userId };
    const [was, is] = [before && toSnapshot(before), after && toSnapshot(after)];
    if (!was) return this.auditTrail.record({ action: 'user_limits.create', subject, before: null, after: is });
    if (!is) return this.auditTrail.record({ action: 'user_limits.remove', subject, before: was, after: null });
    const difference = differences(was, is);
    if (difference) await this.auditTrail.record({ action: 'user_limits.change', subject, ...difference });
  }
}

function toSnapshot({ calls, minutes }: Limits): Snapshot {
  return { callLimit: calls, minutesLimit: minutes };
}

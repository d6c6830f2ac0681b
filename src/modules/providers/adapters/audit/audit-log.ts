import { Injectable } from '@nestjs/common';
import { type AuditedChange, AuditTrail } from '../../../../shared/kernel/audit-trail.port';
import { differences, type Snapshot } from '../../../../shared/kernel/snapshot';
import { UnitOfWork } from '../../../../shared/kernel/unit-of-work.port';

type Kind = 'provider' | 'phone_number' | 'assistant';

/** What an entry is about. */
interface Subject {
  readonly action: string;
  readonly kind: Kind;
  readonly id: string;
}

/** Writes entries about providers and what belongs to them, each in one unit of work with its change. */
@Injectable()
export class AuditLog {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly trail: AuditTrail,
  ) {}

  /** Runs a change; joins the unit of work that is open around it. */
  together<T>(change: () => Promise<T>): Promise<T> {
    return this.unitOfWork.run(change);
  }

  created(kind: Kind, id: string, after: Snapshot): Promise<void> {
    return this.write({ action: 'create', kind, id }, null, after);
  }

  removed(kind: Kind, id: string, before: Snapshot): Promise<void> {
    return this.write({ action: 'remove', kind, id }, before, null);
  }

  /** Only what differs is written; a change that changed nothing leaves no entry. */
  async changed(subject: Subject, before: Snapshot, after: Snapshot): Promise<void> {
    const difference = differences(before, after);
    if (difference) await this.write(subject, difference.before, difference.after);
  }

  /** What was done counts, whether it changed anything or not. `always`: the fields to show even if they are equal. */
  async done(subject: Subject, snapshots: readonly [Snapshot, Snapshot], always: readonly string[]): Promise<void> {
    const [before, after] = snapshots;
    const difference = differences(before, after);
    const shown = (snapshot: Snapshot) => Object.fromEntries(always.map((field) => [field, snapshot[field] ?? null]));
    await this.write(subject, { ...shown(before), ...difference?.before }, { ...shown(after), ...difference?.after });
  }

  private write(subject: Subject, before: Snapshot | null, after: Snapshot | null): Promise<void> {
    const { action, kind, id } = subject;
    const change: AuditedChange = { action: `${kind}.${action}`, subject: { kind, id }, before, after };
    return this.trail.record(change);
  }
}

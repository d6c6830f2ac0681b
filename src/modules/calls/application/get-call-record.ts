import { Injectable } from '@nestjs/common';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { CallRecord } from '../domain/call-record';
import { CallNotFound } from '../domain/calls.errors';
import { CallRecords } from './ports/call-records.port';

/** Reads one entry of the user's call history. */
@Injectable()
export class GetCallRecord {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly records: CallRecords,
  ) {}

  /** @throws CallNotFound */
  async execute(claims: UserClaims, recordId: string): Promise<CallRecord> {
    const record = await this.unitOfWork.asUser(claims, () => this.records.find(claims.sub, recordId));
    if (!record) throw new CallNotFound();
    return record;
  }
}

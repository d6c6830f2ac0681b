import { Injectable } from '@nestjs/common';
import type { Page, PageRequest } from '../../../shared/kernel/page';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { CallRecord } from '../domain/call-record';
import { CallRecords, type RecordFilter } from './ports/call-records.port';

/** The user's call history, newest first. */
@Injectable()
export class ListCallRecords {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly records: CallRecords,
  ) {}

  execute(claims: UserClaims, filter: RecordFilter, page: PageRequest): Promise<Page<CallRecord>> {
    return this.unitOfWork.asUser(claims, () => this.records.list(claims.sub, filter, page));
  }
}

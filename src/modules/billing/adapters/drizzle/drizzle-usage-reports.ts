import { Injectable } from '@nestjs/common';
import { and, eq } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { behindCursor, newestFirst, position, toPage } from '../../../../shared/database/keyset';
import type { Page, PageRequest } from '../../../../shared/kernel/page';
import { type UsageEntry, UsageReports } from '../../application/ports/usage-reports.port';
import type { Allowance } from '../../domain/allowance';
import { currentAllowances } from './current-allowances';
import { usageLedgerEntries } from './usage-ledger-entries.table';

@Injectable()
export class DrizzleUsageReports extends UsageReports {
  constructor(private readonly database: Database) {
    super();
  }

  async currentAllowance(userId: string): Promise<Allowance | undefined> {
    return (await currentAllowances(this.database.current, [userId])).get(userId)?.allowance;
  }

  async entries(userId: string, request: PageRequest): Promise<Page<UsageEntry>> {
    const rows = await this.database.current
      .select({
        id: usageLedgerEntries.id,
        kind: usageLedgerEntries.kind,
        callQueueId: usageLedgerEntries.callQueueId,
        attemptId: usageLedgerEntries.attemptId,
        calls: usageLedgerEntries.calls,
        minutes: usageLedgerEntries.minutes,
        createdAt: usageLedgerEntries.createdAt,
        position: position(usageLedgerEntries),
      })
      .from(usageLedgerEntries)
      .where(and(eq(usageLedgerEntries.userId, userId), behindCursor(usageLedgerEntries, request)))
      .orderBy(...newestFirst(usageLedgerEntries))
      .limit(request.limit + 1);
    return toPage(rows, request, ({ position: _, ...entry }) => entry);
  }
}

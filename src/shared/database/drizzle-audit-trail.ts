import { Injectable } from '@nestjs/common';
import { and, eq, getTableColumns } from 'drizzle-orm';
import {
  type AuditedChange,
  type AuditEntry,
  type AuditFilter,
  AuditTrail,
  CurrentAuthor,
} from '../kernel/audit-trail.port';
import type { Page, PageRequest } from '../kernel/page';
import { adminAuditEntries } from './admin-audit-entries.table';
import { Database } from './database';
import { behindCursor, newestFirst, position, toPage } from './keyset';

const table = adminAuditEntries;

@Injectable()
export class DrizzleAuditTrail extends AuditTrail {
  constructor(
    private readonly database: Database,
    private readonly currentAuthor: CurrentAuthor,
  ) {
    super();
  }

  async record(...changes: readonly AuditedChange[]): Promise<void> {
    if (!this.database.transaction) throw new Error('An administrative change is recorded outside of its unit of work');
    if (changes.length === 0) return;
    const author = this.currentAuthor.get();
    await this.database.current.insert(table).values(
      changes.map(({ action, subject, before, after }) => ({
        action,
        subjectKind: subject.kind,
        subjectId: subject.id,
        actorKind: author.kind,
        actorUserId: author.userId,
        before,
        after,
        requestId: author.requestId,
      })),
    );
  }

  async list({ subjectId, action }: AuditFilter, request: PageRequest): Promise<Page<AuditEntry>> {
    const rows = await this.database.current
      .select({ ...getTableColumns(table), position: position(table) })
      .from(table)
      .where(
        and(
          subjectId === undefined ? undefined : eq(table.subjectId, subjectId),
          action === undefined ? undefined : eq(table.action, action),
          behindCursor(table, request),
        ),
      )
      .orderBy(...newestFirst(table))
      .limit(request.limit + 1);
    return toPage(rows, request, toEntry);
  }
}

function toEntry(row: typeof table.$inferSelect): AuditEntry {
  return {
    id: row.id,
    action: row.action,
    subject: { kind: row.subjectKind, id: row.subjectId },
    author: { kind: row.actorKind, userId: row.actorUserId, requestId: row.requestId },
    before: row.before,
    after: row.after,
    createdAt: row.createdAt,
  };
}

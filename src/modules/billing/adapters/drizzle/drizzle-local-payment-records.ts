import { Injectable } from '@nestjs/common';
import { and, asc, eq, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import {
  type LocalPaymentRecord,
  LocalPaymentRecords,
  type LocalRecordKind,
} from '../../application/ports/local-payment-records.port';
import { localPaymentRecords } from './local-payment-records.table';

const COLUMNS = {
  id: localPaymentRecords.id,
  kind: localPaymentRecords.kind,
  customerId: localPaymentRecords.customerId,
  data: localPaymentRecords.data,
};

@Injectable()
export class DrizzleLocalPaymentRecords extends LocalPaymentRecords {
  constructor(private readonly database: Database) {
    super();
  }

  async find(id: string): Promise<LocalPaymentRecord | undefined> {
    const [record] = await this.database.current
      .select(COLUMNS)
      .from(localPaymentRecords)
      .where(eq(localPaymentRecords.id, id));
    return record;
  }

  list(kind: LocalRecordKind, customerId?: string): Promise<readonly LocalPaymentRecord[]> {
    const ofCustomer = customerId === undefined ? undefined : eq(localPaymentRecords.customerId, customerId);
    return this.database.current
      .select(COLUMNS)
      .from(localPaymentRecords)
      .where(and(eq(localPaymentRecords.kind, kind), ofCustomer))
      .orderBy(asc(localPaymentRecords.createdAt), asc(localPaymentRecords.id));
  }

  async lock(customerId: string): Promise<void> {
    await this.database.current
      .select({ id: localPaymentRecords.id })
      .from(localPaymentRecords)
      .where(eq(localPaymentRecords.id, customerId))
      .for('update');
  }

  async add(record: LocalPaymentRecord): Promise<void> {
    await this.database.current.insert(localPaymentRecords).values(record).onConflictDoNothing();
  }

  async save({ id, data }: LocalPaymentRecord): Promise<void> {
    await this.database.current.update(localPaymentRecords).set({ data }).where(eq(localPaymentRecords.id, id));
  }

  async now(): Promise<Date> {
    const { rows } = await this.database.current.execute<{ now: string }>(sql`select clock_timestamp()::text as now`);
    return new Date(rows[0]?.now ?? NaN);
  }
}

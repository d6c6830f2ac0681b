import { Injectable } from '@nestjs/common';
import { eq, getTableColumns, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { behindCursor, newestFirst, position, toPage } from '../../../../shared/database/keyset';
import type { Page, PageRequest } from '../../../../shared/kernel/page';
import { PhoneNumberInventory } from '../../application/ports/phone-number-inventory.port';
import type { NewPhoneNumber, PhoneNumber, PhoneNumberChanges } from '../../domain/phone-number';
import { InvalidField, PhoneNumberTaken, StillInUse } from '../../domain/providers.errors';
import { refusing } from './database-refusals';
import { providerPhoneNumbers } from './provider-phone-numbers.table';

const table = providerPhoneNumbers;
const { quarantinedUntil, quarantineReason, ...columns } = getTableColumns(table);

/** A quarantine that is over is no longer told. */
const asPhoneNumber = {
  ...columns,
  quarantinedUntil: sql`case when ${quarantinedUntil} > clock_timestamp() then ${quarantinedUntil} end`.mapWith(
    quarantinedUntil,
  ),
  quarantineReason: sql<string | null>`case when ${quarantinedUntil} > clock_timestamp() then ${quarantineReason} end`,
};

@Injectable()
export class DrizzlePhoneNumberInventory extends PhoneNumberInventory {
  constructor(private readonly database: Database) {
    super();
  }

  async list(request: PageRequest): Promise<Page<PhoneNumber>> {
    const rows = await this.database.current
      .select({ ...asPhoneNumber, position: position(table) })
      .from(table)
      .where(behindCursor(table, request))
      .orderBy(...newestFirst(table))
      .limit(request.limit + 1);
    return toPage(rows, request, ({ position: _, ...phoneNumber }) => phoneNumber);
  }

  async find(id: string): Promise<PhoneNumber | undefined> {
    const [row] = await this.database.current.select(asPhoneNumber).from(table).where(eq(table.id, id));
    return row;
  }

  async lock(id: string): Promise<PhoneNumber | undefined> {
    const rows = await this.database.current
      .select(asPhoneNumber)
      .from(table)
      .where(eq(table.id, id))
      .for('no key update');
    return rows[0];
  }

  ofProvider(providerId: string): Promise<readonly PhoneNumber[]> {
    return this.database.current.select(asPhoneNumber).from(table).where(eq(table.providerId, providerId));
  }

  async add(phoneNumber: NewPhoneNumber): Promise<PhoneNumber> {
    const refusals = {
      unique: () => new PhoneNumberTaken(),
      reference: () => new InvalidField('providerId', 'names no provider'),
    };
    const [row] = await refusing(refusals, () =>
      this.database.current
        .insert(table)
        .values({ ...phoneNumber, capabilities: [...phoneNumber.capabilities] })
        .returning(asPhoneNumber),
    );
    if (!row) throw new Error('The insert returned no row');
    return row;
  }

  async change(id: string, changes: PhoneNumberChanges): Promise<PhoneNumber | undefined> {
    const { capabilities, ...rest } = changes;
    const values = {
      ...rest,
      ...(capabilities ? { capabilities: [...capabilities] } : {}),
      ...(changes.isActive ? { quarantinedUntil: null, quarantineReason: null } : {}),
    };
    if (Object.keys(values).length === 0) return this.find(id);
    const [row] = await refusing({ unique: () => new PhoneNumberTaken() }, () =>
      this.database.current.update(table).set(values).where(eq(table.id, id)).returning(asPhoneNumber),
    );
    return row;
  }

  async remove(id: string): Promise<boolean> {
    const removed = await refusing({ reference: () => new StillInUse('phone number') }, () =>
      this.database.current.delete(table).where(eq(table.id, id)).returning({ id: table.id }),
    );
    return removed.length > 0;
  }
}

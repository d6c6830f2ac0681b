import { Injectable } from '@nestjs/common';
import { eq, getTableColumns } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { behindCursor, newestFirst, position, toPage } from '../../../../shared/database/keyset';
import type { Page, PageRequest } from '../../../../shared/kernel/page';
import { AssistantInventory } from '../../application/ports/assistant-inventory.port';
import type { Assistant, AssistantChanges, NewAssistant } from '../../domain/assistant';
import { AssistantTaken, InvalidField, StillInUse } from '../../domain/providers.errors';
import { refusing } from './database-refusals';
import { providerAssistants } from './provider-assistants.table';

const table = providerAssistants;

@Injectable()
export class DrizzleAssistantInventory extends AssistantInventory {
  constructor(private readonly database: Database) {
    super();
  }

  async list(request: PageRequest): Promise<Page<Assistant>> {
    const rows = await this.database.current
      .select({ ...getTableColumns(table), position: position(table) })
      .from(table)
      .where(behindCursor(table, request))
      .orderBy(...newestFirst(table))
      .limit(request.limit + 1);
    return toPage(rows, request, ({ position: _, ...assistant }) => assistant);
  }

  async find(id: string): Promise<Assistant | undefined> {
    const [row] = await this.database.current.select().from(table).where(eq(table.id, id));
    return row;
  }

  async lock(id: string): Promise<Assistant | undefined> {
    const [row] = await this.database.current.select().from(table).where(eq(table.id, id)).for('no key update');
    return row;
  }

  ofProvider(providerId: string): Promise<readonly Assistant[]> {
    return this.database.current.select().from(table).where(eq(table.providerId, providerId));
  }

  async add(assistant: NewAssistant): Promise<Assistant> {
    const refusals = {
      unique: () => new AssistantTaken(),
      reference: () => new InvalidField('providerId', 'names no provider'),
    };
    const [row] = await refusing(refusals, () => this.database.current.insert(table).values(assistant).returning());
    if (!row) throw new Error('The insert returned no row');
    return row;
  }

  async change(id: string, changes: AssistantChanges): Promise<Assistant | undefined> {
    if (Object.keys(changes).length === 0) return this.find(id);
    const [row] = await refusing({ unique: () => new AssistantTaken() }, () =>
      this.database.current.update(table).set(changes).where(eq(table.id, id)).returning(),
    );
    return row;
  }

  async remove(id: string): Promise<boolean> {
    const removed = await refusing({ reference: () => new StillInUse('assistant') }, () =>
      this.database.current.delete(table).where(eq(table.id, id)).returning({ id: table.id }),
    );
    return removed.length > 0;
  }
}

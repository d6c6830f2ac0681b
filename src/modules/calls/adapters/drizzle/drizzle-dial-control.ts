import { Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { DialControl } from '../../application/ports/dial-control.port';

@Injectable()
export class DrizzleDialControl extends DialControl {
  constructor(private readonly database: Database) {
    super();
  }

  /** Outside of any transaction around it: nobody may be told what was true when that began. */
  isStopped(): Promise<boolean> {
    return this.database.outside(async () => {
      const { rows } = await this.database.current.execute<{ isStopped: boolean }>(sql`
        select is_paused or restored_at is not null as "isStopped" from dispatch_control`);
      return rows[0]?.isStopped ?? false;
    });
  }
}

import { Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { DialControl, type DialStanding } from '../../application/ports/dial-control.port';

@Injectable()
export class DrizzleDialControl extends DialControl {
  constructor(private readonly database: Database) {
    super();
  }

  /** Outside of any transaction around it: nobody may be told what was true when that began. */
  look(): Promise<DialStanding> {
    return this.database.outside(async () => {
      const { rows } = await this.database.current.execute<StandingRow>(sql`
        select is_paused or restored_at is not null as "isStopped",
               case when isfinite(hang_up_before)
                 then extract(epoch from clock_timestamp() - hang_up_before)::float8 * 1000 end as "resumedAgoMs"
          from dispatch_control`);
      return rows[0] ?? { isStopped: false, resumedAgoMs: null };
    });
  }
}

type StandingRow = { [Name in keyof DialStanding]: DialStanding[Name] };

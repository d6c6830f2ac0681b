import { Injectable } from '@nestjs/common';
import { Database } from '../../../../shared/database/database';
import { Allowances } from '../../application/ports/allowances.port';
import { refreshPeriod } from './open-periods';

@Injectable()
export class DrizzleAllowances extends Allowances {
  constructor(private readonly database: Database) {
    super();
  }

  refresh(userId: string): Promise<void> {
    return refreshPeriod(this.database.current, userId);
  }
}

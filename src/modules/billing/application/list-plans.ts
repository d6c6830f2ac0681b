import { Injectable } from '@nestjs/common';
import type { Plan } from '../domain/plan';
import { Plans } from './ports/plans.port';

@Injectable()
export class ListPlans {
  constructor(private readonly plans: Plans) {}

  execute(): Promise<readonly Plan[]> {
    return this.plans.list();
  }
}

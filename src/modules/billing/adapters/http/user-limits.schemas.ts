import { z } from 'zod';

const limit = z.int().min(0).max(1_000_000_000).nullable();

const userLimits = {
  callLimit: limit.describe('Calls per month; null = unlimited'),
  minutesLimit: limit.describe('Whole minutes per month; null = unlimited'),
};

const example = { callLimit: 20_000, minutesLimit: null };

export const UserLimitsBody = z.strictObject(userLimits).meta({ id: 'UserLimitsBody', examples: [example] });
export type UserLimitsBody = z.infer<typeof UserLimitsBody>;

export const UserLimitsView = z.object(userLimits).meta({ id: 'UserLimits', examples: [example] });
export type UserLimitsView = z.infer<typeof UserLimitsView>;

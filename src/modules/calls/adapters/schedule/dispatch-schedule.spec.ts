import { Logger } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { DatabaseNotifications } from '../../../../shared/database/database-notifications';
import type { DispatchSettings } from '../../application/dispatch-settings';
import type { LookAtQueue } from '../../application/look-at-queue';
import { DispatchSchedule } from './dispatch-schedule';

it('tells once that the queue cannot be looked at, and once that it can again', async () => {
  jest.useFakeTimers();
  jest.spyOn(Logger.prototype, 'debug').mockImplementation();
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  const log = jest.spyOn(Logger.prototype, 'log').mockImplementation();
  let looks = 0;
  const lookAtQueue = {
    execute: async () => {
      looks += 1;
      if (looks <= 3) throw new Error('the database is away');
      return null;
    },
  } as unknown as LookAtQueue;
  const notifications = { subscribe: () => undefined } as unknown as DatabaseNotifications;
  const settings = { intervalMs: 1_000 } as DispatchSettings;
  const schedule = new DispatchSchedule(lookAtQueue, settings, new SchedulerRegistry(), notifications);
  schedule.onApplicationBootstrap();
  await jest.advanceTimersByTimeAsync(5_500);
  schedule.onModuleDestroy();
  jest.useRealTimers();
  expect(looks).toBe(6);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(log).toHaveBeenCalledTimes(1);
});

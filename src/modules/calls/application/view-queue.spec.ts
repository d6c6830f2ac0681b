import type { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { ProviderPool } from '../../providers/public/provider-pool.port';
import type { QueueControl } from './ports/queue-control.port';
import { ViewQueue } from './view-queue';

describe('ViewQueue', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('keeps whoever has changed the queue waiting for two seconds at most', async () => {
    const unitOfWork = { run: (work: () => Promise<unknown>) => work() } as UnitOfWork;
    const queue = { openAttempts: () => new Promise(() => undefined) } as unknown as QueueControl;
    let seen: unknown = 'nothing yet';
    const look = new ViewQueue(unitOfWork, queue, {} as ProviderPool).afterChange().then((view) => (seen = view));
    await jest.advanceTimersByTimeAsync(1_999);
    expect(seen).toBe('nothing yet');
    await jest.advanceTimersByTimeAsync(1);
    expect(seen).toBeUndefined();
    await look;
    expect(jest.getTimerCount()).toBe(0);
  });
});

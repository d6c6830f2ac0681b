import type { DomainEvents } from '../../../shared/kernel/domain-events.port';
import type { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { DispatchSettings } from './dispatch-settings';
import { GiveUpPlacement } from './give-up-placement';
import { CallStep } from './observed-facts';
import type { Attempts } from './ports/attempts.port';

it.each([
  ['fail', false, { callStatus: 'failed', code: 'placement_unknown' }],
  ['redial', false, { callStatus: 'queued' }],
  ['fail', true, { callStatus: 'canceled' }],
] as const)('says with policy %s what has become of the call, and why', async (policy, isCancelRequested, told) => {
  const published: object[] = [];
  const attempt = { state: 'unknown', callQueueId: 'call', providerId: 'provider', call: { isCancelRequested } };
  const giveUp = new GiveUpPlacement(
    { run: (work: () => unknown) => work() } as unknown as UnitOfWork,
    { lock: async () => attempt, change: async () => undefined } as unknown as Attempts,
    { publish: async (...events: object[]) => void published.push(...events) } as unknown as DomainEvents,
    { unknownPlacementPolicy: policy } as DispatchSettings,
  );
  await giveUp.execute('attempt');
  const details = { attemptId: 'attempt', providerId: 'provider', ...told };
  expect(published).toContainEqual(new CallStep('attempt.given_up', 'call', details));
});

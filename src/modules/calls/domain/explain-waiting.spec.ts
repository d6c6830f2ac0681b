import fc from 'fast-check';
import { explainWaiting, type ProviderStanding, type WaitingGroup } from './explain-waiting';

const SOON = new Date('2026-11-22T17:00:00Z');
const standing = (id: string, changes: Partial<ProviderStanding> = {}): ProviderStanding => ({
  ...{ id, hold: undefined, heldUntil: null, free: 1, lines: [{ destinations: null }], nextLineAt: null },
  ...changes,
});
const group = (calls: number, providers: readonly string[], changes: Partial<WaitingGroup> = {}): WaitingGroup => ({
  calls,
  country: null,
  routes: providers.map((providerId) => ({ providerId, isActive: true, hasActiveAssistant: true })),
  avoidProviderIds: [],
  ...changes,
});

describe('explainWaiting', () => {
  it.each([
    ['no_slot', null, standing('p', { free: 0 }), {}],
    ['provider_paused', SOON, standing('p', { hold: 'paused', heldUntil: SOON }), {}],
    ['provider_paused', null, standing('p', { hold: 'suspended' }), {}],
    ['breaker_open', SOON, standing('p', { hold: 'breaker-open', heldUntil: SOON }), {}],
    ['no_number', SOON, standing('p', { lines: [], nextLineAt: SOON }), {}],
    ['no_number', null, standing('p', { lines: [{ destinations: ['DE'] }] }), { country: 'US' }],
    ['no_assistant', null, standing('p'), { routes: [{ providerId: 'p', isActive: true, hasActiveAssistant: false }] }],
    [
      'provider_inactive',
      null,
      standing('q'),
      { routes: [{ providerId: 'p', isActive: false, hasActiveAssistant: true }] },
    ],
    ['unreachable', null, standing('p'), { avoidProviderIds: ['p'] }],
  ] as const)('tells %s until %p', (reason, until, provider, changes) => {
    expect(explainWaiting([group(3, ['p'], changes)], [provider], undefined)).toEqual([
      { reason, providerId: 'p', calls: 3, until },
    ]);
  });

  it('tells that a call is about to go where one provider can take it', () => {
    const groups = [group(2, ['p', 'q'])];
    expect(explainWaiting(groups, [standing('p', { free: 0 }), standing('q')], undefined)).toEqual([
      { reason: 'next_claim', providerId: null, calls: 2, until: null },
    ]);
  });

  it('counts a call for each provider that keeps it waiting, and adds up what is alike, most calls first', () => {
    const providers = [standing('p', { free: 0 }), standing('q', { hold: 'paused', heldUntil: SOON })];
    expect(explainWaiting([group(2, ['p']), group(3, ['q', 'p'])], providers, undefined)).toEqual([
      { reason: 'no_slot', providerId: 'p', calls: 5, until: null },
      { reason: 'provider_paused', providerId: 'q', calls: 3, until: SOON },
    ]);
  });

  it.each(['paused', 'restored'] as const)('tells nothing else while the queue is %s', (hold) => {
    const groups = [group(2, ['p']), group(3, [])];
    expect(explainWaiting(groups, [standing('p', { free: 0 })], hold)).toEqual([
      { reason: hold, providerId: null, calls: 5, until: null },
    ]);
  });

  it('leaves hopeless calls to the next claim, which lets them fail', () => {
    expect(explainWaiting([group(1, [])], [], undefined)).toEqual([
      { reason: 'next_claim', providerId: null, calls: 1, until: null },
    ]);
  });

  it('takes a number whose country nobody has read yet for one that may be called', () => {
    expect(
      explainWaiting([group(1, ['p'])], [standing('p', { lines: [{ destinations: ['DE'] }] })], undefined),
    ).toEqual([{ reason: 'next_claim', providerId: null, calls: 1, until: null }]);
  });

  it('mentions every call, and never more often than it has providers', () => {
    const anyStanding = fc.tuple(...['p', 'q'].map((id) => fc.nat(1).map((free) => standing(id, { free }))));
    const anyGroup = fc.record({ calls: fc.integer({ min: 1, max: 9 }), providers: fc.subarray(['p', 'q']) });
    fc.assert(
      fc.property(fc.array(anyGroup), anyStanding, (groups, standings) => {
        const waiting = explainWaiting(
          groups.map(({ calls, providers }) => group(calls, providers)),
          standings,
          undefined,
        );
        const told = waiting.reduce((sum, { calls }) => sum + calls, 0);
        expect(told).toBeGreaterThanOrEqual(groups.reduce((sum, { calls }) => sum + calls, 0));
        expect(told).toBeLessThanOrEqual(
          groups.reduce((sum, { calls, providers }) => sum + calls * Math.max(1, providers.length), 0),
        );
      }),
    );
  });
});

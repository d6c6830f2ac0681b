import fc from 'fast-check';
import { type AssignableCall, assignCalls, type Capacity, lacksLine } from './assign-calls';
import { mayCall } from './choose-line';

const route = (providerId: string) => ({ providerId, assistantId: `${providerId}-assistant` });
const call = (id: string, providers: string[], avoidProviderIds: string[] = []): AssignableCall => ({
  id,
  recipientNumber: '+12025550123',
  country: 'US',
  routes: providers.map(route),
  avoidProviderIds,
});
const capacity = (id: string, priority: number, free: number, numbers = ['1']): Capacity => ({
  id,
  priority,
  free,
  phoneNumbers: numbers.map((number) => ({
    id: `${id}-${number}`,
    externalId: `x-${number}`,
    fullNumber: `+1${number}`,
    countryCode: '1',
    areaCode: null,
    destinations: null as readonly string[] | null,
  })),
  assistants: new Map([[`${id}-assistant`, `${id}-external`]]),
});
const placed = (calls: AssignableCall[], capacities: Capacity[]) =>
  assignCalls(calls, capacities).map(({ call: { id }, providerId }) => `${id}@${providerId}`);

describe('assignCalls', () => {
  it('asks the provider with the lowest priority number first', () => {
    expect(placed([call('a', ['p', 'q'])], [capacity('q', 2, 9), capacity('p', 1, 1)])).toEqual(['a@p']);
  });

  it('prefers more free slots among equal priorities', () => {
    expect(placed([call('a', ['p', 'q'])], [capacity('p', 1, 1), capacity('q', 1, 2)])).toEqual(['a@q']);
  });

  it('never gives a provider more calls than it has free slots, and spills over to the next', () => {
    const calls = ['a', 'b', 'c', 'd'].map((id) => call(id, ['p', 'q']));
    expect(placed(calls, [capacity('p', 1, 2), capacity('q', 2, 1)])).toEqual(['a@p', 'b@p', 'c@q']);
  });

  it('does not let a call for a full provider hold up calls that another can take', () => {
    const calls = [call('a', ['p']), call('b', ['q'])];
    expect(placed(calls, [capacity('p', 1, 0), capacity('q', 2, 1)])).toEqual(['b@q']);
  });

  it('keeps a call away from a provider that could not be reached for it', () => {
    expect(placed([call('a', ['p', 'q'], ['p'])], [capacity('p', 1, 5), capacity('q', 2, 5)])).toEqual(['a@q']);
  });

  it('sends nothing to a provider without an active assistant for the call', () => {
    const withoutAssistant = { ...capacity('p', 1, 5), assistants: new Map<string, string>() };
    expect(placed([call('a', ['p'])], [withoutAssistant])).toEqual([]);
  });

  it('sends nothing to a provider without a number', () => {
    expect(placed([call('a', ['p'])], [capacity('p', 1, 5, [])])).toEqual([]);
  });

  it('lets the numbers of a provider take turns, the one unused longest first', () => {
    const calls = ['a', 'b', 'c'].map((id) => call(id, ['p']));
    const numbers = assignCalls(calls, [capacity('p', 1, 5, ['1', '2'])]).map(({ phoneNumber }) => phoneNumber.id);
    expect(numbers).toEqual(['p-1', 'p-2', 'p-1']);
  });

  it('gives the next call another number even when the first one is nearest to both', () => {
    const calls = ['a', 'b', 'c'].map((id) => call(id, ['p']));
    const [far, near, nearToo] = capacity('p', 1, 5, ['212', '202', '203']).phoneNumbers;
    const phoneNumbers = [far!, { ...near!, areaCode: '202' }, { ...nearToo!, areaCode: '202' }];
    const numbers = assignCalls(calls, [{ ...capacity('p', 1, 5), phoneNumbers }]).map(
      ({ phoneNumber }) => phoneNumber.id,
    );
    expect(numbers).toEqual(['p-202', 'p-203', 'p-202']);
  });

  it('goes on to the next provider when no number of the first may call the country', () => {
    const [only] = capacity('p', 1, 5).phoneNumbers;
    const german = { ...capacity('p', 1, 5), phoneNumbers: [{ ...only!, destinations: ['DE'] }] };
    expect(placed([call('a', ['p', 'q'])], [german, capacity('q', 2, 5)])).toEqual(['a@q']);
    expect(placed([call('a', ['p'])], [german])).toEqual([]);
  });

  describe('for any calls and providers', () => {
    const ids = ['p', 'q', 'r'];
    const anyLine = fc.record({
      id: fc.uuid(),
      externalId: fc.constant('x'),
      fullNumber: fc.constant('+12025550100'),
      countryCode: fc.constantFrom('1', '49'),
      areaCode: fc.constantFrom(null, '202', '30'),
      destinations: fc.option(fc.subarray(['US', 'DE']), { nil: null }),
    });
    const anyCapacity = (id: string) =>
      fc.record({
        id: fc.constant(id),
        priority: fc.integer({ min: 1, max: 3 }),
        free: fc.nat(3),
        phoneNumbers: fc.array(anyLine, { maxLength: 3 }),
        assistants: fc.constantFrom(new Map([[`${id}-assistant`, `${id}-external`]]), new Map<string, string>()),
      });
    const anyCall = fc
      .record({
        providers: fc.subarray(ids),
        avoid: fc.subarray(ids, { maxLength: 1 }),
        to: fc.constantFrom(['+12025550123', 'US'], ['+493012345678', 'DE']),
      })
      .map(({ providers, avoid, to: [recipientNumber = '', country = ''] }) => ({
        ...call(crypto.randomUUID(), providers, avoid),
        ...{ recipientNumber, country },
      }));
    const anything = [fc.array(anyCall, { maxLength: 12 }), fc.tuple(...ids.map(anyCapacity))] as const;

    const canTake = (one: Capacity, { routes, avoidProviderIds, country }: AssignableCall): boolean =>
      !avoidProviderIds.includes(one.id) &&
      routes.some((way) => way.providerId === one.id && one.assistants.has(way.assistantId)) &&
      one.phoneNumbers.some((line) => mayCall(line, country));

    it('fills no provider beyond its room, and assigns nothing that is not allowed', () => {
      fc.assert(
        fc.property(...anything, (calls, capacities) => {
          const assignments = assignCalls(calls, capacities);
          expect(new Set(assignments.map((one) => one.call)).size).toBe(assignments.length);
          for (const one of capacities) {
            const own = assignments.filter(({ providerId }) => providerId === one.id);
            expect(own.length).toBeLessThanOrEqual(one.free);
            for (const { call: taken, phoneNumber } of own) {
              expect(canTake(one, taken)).toBe(true);
              expect(mayCall(phoneNumber, taken.country)).toBe(true);
              expect(one.phoneNumbers).toContain(phoneNumber);
            }
          }
        }),
      );
    });

    it('leaves a call behind only when every provider that could take it is full, and takes them in their order', () => {
      fc.assert(
        fc.property(...anything, (calls, capacities) => {
          const assignments = assignCalls(calls, capacities);
          const order = assignments.map(({ call: taken }) => calls.indexOf(taken));
          expect(order).toEqual([...order].sort((a, b) => a - b));
          const left = calls.filter((one) => !assignments.some(({ call: taken }) => taken === one));
          const room = (one: Capacity) =>
            one.free - assignments.filter(({ providerId }) => providerId === one.id).length;
          for (const one of left)
            for (const able of capacities) expect(canTake(able, one) && room(able) > 0).toBe(false);
        }),
      );
    });

    it('finds no line for a call only where there is room and no number may call it', () => {
      fc.assert(
        fc.property(...anything, (calls, capacities) => {
          for (const { call: taken } of assignCalls(calls, capacities))
            expect(lacksLine(taken, capacities)).toBe(false);
        }),
      );
    });
  });
});

describe('lacksLine', () => {
  const [only] = capacity('p', 1, 5).phoneNumbers;
  const german = (free: number) => ({
    ...capacity('p', 1, free),
    phoneNumbers: [{ ...only!, destinations: ['DE', 'AT'] }],
  });

  it('is true when there is room and no number may call the country', () => {
    expect(lacksLine(call('a', ['p']), [german(1)])).toBe(true);
    expect(lacksLine({ ...call('a', ['p']), country: 'AT' }, [german(1)])).toBe(false);
  });

  it('is false when another provider has such a number', () => {
    expect(lacksLine(call('a', ['p', 'q']), [german(1), capacity('q', 2, 1)])).toBe(false);
  });

  it('is false when there is no room, or no way: then it is not for want of a number', () => {
    expect(lacksLine(call('a', ['p']), [german(0)])).toBe(false);
    expect(lacksLine(call('a', ['q']), [german(1)])).toBe(false);
    expect(lacksLine(call('a', ['p'], ['p']), [german(1)])).toBe(false);
  });
});

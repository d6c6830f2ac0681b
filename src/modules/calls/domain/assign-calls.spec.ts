import { type AssignableCall, assignCalls, type Capacity } from './assign-calls';

const route = (providerId: string) => ({ providerId, assistantId: `${providerId}-assistant` });
const call = (id: string, providers: string[], avoidProviderIds: string[] = []): AssignableCall => ({
  id,
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
});

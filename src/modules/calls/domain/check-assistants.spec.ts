import { checkAssistants } from './check-assistants';

const providerOf = new Map([
  ['a1', 'provider-a'],
  ['a2', 'provider-a'],
  ['b1', 'provider-b'],
]);
const routing = { providerId: null, assistantId: 'a1', fallbackAssistantIds: ['b1'] };

describe('checkAssistants', () => {
  it.each([
    [routing],
    [{ ...routing, providerId: 'provider-a', fallbackAssistantIds: [] }],
    [{ providerId: null, assistantId: null, fallbackAssistantIds: [] }],
  ])('finds nothing wrong with %p', (sound) => {
    expect(checkAssistants(sound, providerOf)).toBeUndefined();
  });

  it.each([
    [{ ...routing, assistantId: 'c1' }, 'assistant-not-found', 'assistantId'],
    [{ ...routing, fallbackAssistantIds: ['b1', 'c1'] }, 'assistant-not-found', 'fallbackAssistantIds.1'],
    [{ ...routing, fallbackAssistantIds: ['a2'] }, 'provider-mismatch', 'fallbackAssistantIds.0'],
    [{ ...routing, providerId: 'provider-b' }, 'provider-mismatch', 'assistantId'],
    [{ ...routing, providerId: 'provider-a' }, 'provider-mismatch', 'fallbackAssistantIds.0'],
  ])('finds the fault in %p', (faulty, kind, path) => {
    expect(checkAssistants(faulty, providerOf)).toMatchObject({ kind, path });
  });
});

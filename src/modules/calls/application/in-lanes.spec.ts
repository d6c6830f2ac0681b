import { inLanes } from './in-lanes';

it('lets no provider wait for another one, and asks each only one thing at a time', async () => {
  const begun: string[] = [];
  let letGo: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => (letGo = resolve));
  const items = ['a1', 'b1', 'a2', 'b2'].map((id) => ({ id, providerId: id.charAt(0) }));
  const working = inLanes(items, async ({ id, providerId }) => {
    begun.push(id);
    if (providerId === 'a') await slow;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual(['a1', 'b1', 'b2']);
  letGo();
  await working;
  expect(begun).toEqual(['a1', 'b1', 'b2', 'a2']);
});

it('asks a provider several things at a time where that is allowed', async () => {
  const begun: string[] = [];
  let letGo: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => (letGo = resolve));
  const items = ['a1', 'a2', 'a3'].map((id) => ({ id, providerId: 'a' }));
  const work = async ({ id }: { id: string }) => {
    begun.push(id);
    await slow;
  };
  const working = inLanes(items, work, 2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual(['a1', 'a2']);
  letGo();
  await working;
  expect(begun).toEqual(['a1', 'a2', 'a3']);
});

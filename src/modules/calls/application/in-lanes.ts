/**
 * Works through the items of each provider one after the other, and through the providers side by side: one that is
 * slow to answer holds up nobody else's calls. `work` must not reject.
 */
export async function inLanes<T extends { readonly providerId: string }>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const lanes = new Map<string, T[]>();
  for (const item of items) lanes.set(item.providerId, [...(lanes.get(item.providerId) ?? []), item]);
  await Promise.all(
    [...lanes.values()].map((lane) => lane.reduce((before, item) => before.then(() => work(item)), Promise.resolve())),
  );
}

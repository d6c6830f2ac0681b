/**
 * Works through the items of each provider one after the other, or `width` at a time, and through the providers side by
 * side: one that is slow to answer holds up nobody else's calls. `work` must not reject.
 */
export async function inLanes<T extends { readonly providerId: string }>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  width = 1,
): Promise<void> {
  const lanes = new Map<string, T[]>();
  for (const item of items) lanes.set(item.providerId, [...(lanes.get(item.providerId) ?? []), item]);
  await Promise.all([...lanes.values()].map((lane) => inParallel(lane, work, width)));
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>, width: number): Promise<void> {
  const left = [...items];
  const workOff = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, workOff));
}

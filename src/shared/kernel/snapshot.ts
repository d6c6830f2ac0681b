/** A thing at one moment, as it can be written down. */
export type Snapshot = Readonly<Record<string, unknown>>;

/** The fields in which two snapshots of one thing differ, as they were and as they are; undefined when they are equal. */
export function differences(
  before: Snapshot,
  after: Snapshot,
): { readonly before: Snapshot; readonly after: Snapshot } | undefined {
  const fields = Object.keys({ ...before, ...after }).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  return fields.length === 0 ? undefined : { before: only(before, fields), after: only(after, fields) };
}

function only(snapshot: Snapshot, fields: readonly string[]): Snapshot {
  return Object.fromEntries(fields.map((field) => [field, snapshot[field] ?? null]));
}

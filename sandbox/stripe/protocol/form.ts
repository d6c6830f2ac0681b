/** A decoded form: texts, and texts by name. What is a list has numbers for names. */
export type Raw = string | RawMap;
export interface RawMap {
  readonly [name: string]: Raw;
}

/** Reads `a[b][0][c]=d`, from a body or a query. */
export function decodeForm(text: string): RawMap {
  const root = emptyMap();
  for (const [name, value] of new URLSearchParams(text)) put(root, pathOf(name, root), value);
  return root;
}

type Building = Record<string, string | RawMap>;

// Without a prototype, `constructor` is a name like any other.
const emptyMap = (): Building => Object.create(null) as Building;

function pathOf(name: string, root: Building): readonly string[] {
  const [head = '', ...rest] = name.split('[').map((part) => part.replace(/\]$/, ''));
  if (rest.at(-1) !== '') return [head, ...rest];
  // `types[]=a` appends.
  const list = root[head];
  return [head, ...rest.slice(0, -1), String(typeof list === 'object' ? Object.keys(list).length : 0)];
}

function put(root: Building, path: readonly string[], value: string): void {
  let place = root;
  for (const name of path.slice(0, -1)) {
    const inner = place[name];
    const next = typeof inner === 'object' ? inner : emptyMap();
    place[name] = next;
    place = next;
  }
  place[path.at(-1) ?? ''] = value;
}

/** For the records: lists as lists, everything else as it came. */
export function readable(raw: Raw): unknown {
  if (typeof raw === 'string') return raw;
  const names = Object.keys(raw);
  if (names.length > 0 && names.every((name, position) => name === String(position))) {
    return Object.values(raw).map(readable);
  }
  return Object.fromEntries(names.map((name) => [name, readable(raw[name] ?? '')]));
}

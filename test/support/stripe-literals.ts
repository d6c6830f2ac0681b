import ts from 'typescript';

/** Asks the compiler about types. */
export interface Reader {
  readonly checker: ts.TypeChecker;
}

/** A value, and the types it may be of. */
interface Place {
  readonly types: readonly ts.Type[];
  readonly value: unknown;
  readonly path: string;
  /** Whether it comes from a form, where everything is a text. */
  readonly isForm: boolean;
}

type Complain = (fault: string) => void;
type Tree = Record<string, unknown>;

/** Reads `a[b][0]=c` into objects; what is a list has numbers for names. */
export function decodeParams(form: string): Tree {
  const root: Tree = {};
  for (const [name, value] of new URLSearchParams(form)) {
    const path = name.split('[').map((part) => part.replace(/\]$/, ''));
    const last = path.pop() ?? '';
    let place = root;
    for (const step of path) place = (place[step] ??= {}) as Tree;
    place[last === '' ? Object.keys(place).length : last] = value;
  }
  return root;
}

/**
 * The value as TypeScript would write it, read as its types say. Complains of words that the types don't know. Where any
 * text or number will do, one stands for all, so that alike values become the same literal and are compiled once.
 */
export function literalOf(reader: Reader, place: Place, complain: Complain): string {
  const types = place.types.flatMap((type) => (type.isUnion() ? type.types : [type]));
  const { value, path, isForm } = place;
  if (typeof value === 'string') return textLiteral({ types, value, path, isForm }, complain);
  if (typeof value === 'number' && types.some(isAnyNumber)) return '0';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value) || (isForm && isListPlace(reader, types, value))) {
    const elements = types.flatMap((type) => elementOf(reader, type));
    const items = Object.values(value).map((item, position) =>
      literalOf(reader, { types: elements, value: item, path: `${path}[${position}]`, isForm }, complain),
    );
    return `[${items.join(', ')}]`;
  }
  const holders = types.filter((type) => fits(reader, type, value as Tree));
  const members = Object.entries(value).map(([name, inner]) => {
    const memberTypes = holders.flatMap((type) => memberOf(reader, type, name));
    const at = path === '' ? name : `${path}.${name}`;
    return `${JSON.stringify(name)}: ${literalOf(reader, { types: memberTypes, value: inner, path: at, isForm }, complain)}`;
  });
  return `{ ${members.join(', ')} }`;
}

interface TextPlace {
  readonly types: readonly ts.Type[];
  readonly value: string;
  readonly path: string;
  readonly isForm: boolean;
}

function textLiteral({ types, value, path, isForm }: TextPlace, complain: Complain): string {
  const has = (flags: ts.TypeFlags): boolean => types.some((type) => (type.flags & flags) !== 0);
  if (types.some(isAnyText)) return '"text"';
  return (isForm ? asScalar(has, value) : undefined) ?? wordLiteral({ types, value, path, isForm }, complain);
}

/** A form's text that reads as what the type wants. */
function asScalar(has: (flags: ts.TypeFlags) => boolean, value: string): string | undefined {
  if (has(ts.TypeFlags.NumberLike) && /^-?\d+(\.\d+)?$/.test(value)) return value;
  if (has(ts.TypeFlags.BooleanLike) && /^(true|false)$/.test(value)) return value;
  return undefined;
}

function wordLiteral({ types, value, path }: TextPlace, complain: Complain): string {
  if (types.some(isDecimal) && /^-?\d+(\.\d+)?$/.test(value)) return `decimal(${JSON.stringify(value)})`;
  const words = types.flatMap((type) => (type.isStringLiteral() ? [type.value] : []));
  const isOpen = types.some((type) => type.isIntersection());
  if (isOpen && words.length > 0 && !words.includes(value)) {
    complain(`${path} is "${value}", and the library knows ${words.map((word) => `"${word}"`).join(', ')}`);
  }
  return JSON.stringify(value);
}

const isDecimal = (type: ts.Type): boolean =>
  [type.symbol, type.aliasSymbol].some((symbol) => symbol?.name.startsWith('Decimal') === true);
const isAnyText = (type: ts.Type): boolean => (type.flags & ts.TypeFlags.String) !== 0;
const isAnyNumber = (type: ts.Type): boolean => (type.flags & ts.TypeFlags.Number) !== 0;

function isListPlace({ checker }: Reader, types: readonly ts.Type[], value: object): boolean {
  return types.some((type) => checker.isArrayType(type)) && Object.keys(value).every((name) => /^\d+$/.test(name));
}

function elementOf({ checker }: Reader, type: ts.Type): readonly ts.Type[] {
  return checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference) : [];
}

function memberOf({ checker }: Reader, type: ts.Type, name: string): readonly ts.Type[] {
  const member = checker.getPropertyOfType(type, name);
  if (member !== undefined) return [checker.getTypeOfSymbol(member)];
  const index = checker.getIndexTypeOfType(type, ts.IndexKind.String);
  return index === undefined ? [] : [index];
}

/** Of several kinds of object the one whose fixed words are those of the value. */
function fits(reader: Reader, type: ts.Type, value: Tree): boolean {
  if ((type.flags & ts.TypeFlags.Object) === 0 || reader.checker.isArrayType(type)) return false;
  return ['object', 'type', 'deleted'].every((name) => {
    const [member, another] = memberOf(reader, type, name);
    if (member === undefined || another !== undefined) return true;
    if (member.isStringLiteral()) return member.value === value[name];
    const isTrue = reader.checker.typeToString(member) === 'true';
    return !isTrue || value[name] === true;
  });
}

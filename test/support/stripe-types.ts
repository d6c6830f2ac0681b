import { dirname, join } from 'node:path';
import ts from 'typescript';
import { decodeParams, literalOf, type Reader } from './stripe-literals';
import { operationOf } from './stripe-operations';

/** One request with its answer, as they went over the wire. */
export interface StripeExchange {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly rawQuery: string;
  readonly rawBody: string;
  readonly status: number;
  readonly body: unknown;
}

interface Claim {
  /** What is claimed to be of the type, for messages. */
  readonly what: string;
  readonly type: string;
  readonly value: unknown;
  readonly isForm: boolean;
}

const ROOT = join(dirname(__filename), '..', '..');
const VIRTUAL = join(ROOT, 'test', 'support', '__stripe-traffic.ts');
const OPTIONS: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  noEmit: true,
  skipLibCheck: true,
};
const HEAD = "import type Stripe from 'stripe';\ndeclare function decimal(text: string): Stripe.Decimal;\n";

const sources = new Map<string, ts.SourceFile | undefined>();

/**
 * Compiles what was sent and what was answered against the types of the installed library: each request's parameters
 * have to be of its operation's parameter type, each answer of its object's type, with nothing missing and nothing
 * more. Empty if all is well, else one text per fault.
 *
 * A form holds only texts, so a text becomes a number or a boolean where the type wants one and the text reads as one;
 * everything else stays as it came. Where a type knows words but lets any other pass, only the words it knows pass.
 */
export function stripeTypeFaults(exchanges: readonly StripeExchange[]): readonly string[] {
  const unknown = exchanges.filter((exchange) => operationOf(exchange) === undefined);
  const claims = exchanges.flatMap(claimsOf);
  return [
    ...new Set(unknown.map(({ method, path }) => `${method} ${path}: no types are known for this operation`)),
    ...faultsOf(claims),
  ];
}

/** The same for events as they are posted. What changed before (`previous_attributes`) is partial, and not compared. */
export function stripeEventTypeFaults(events: readonly object[]): readonly string[] {
  return faultsOf(
    events.map((event) => {
      const { type, data, ...rest } = event as { type: string; data: { object: unknown } };
      const value = { type, data: { object: data.object }, ...rest };
      // The library says that every invoice has an id; one that is only announced has none.
      const isAnnounced = type === 'invoice.upcoming';
      const announced = { what: `event ${type}`, type: "Omit<Stripe.Invoice, 'id'>", value: data.object };
      return { ...(isAnnounced ? announced : { what: `event ${type}`, type: 'Stripe.Event', value }), isForm: false };
    }),
  );
}

function claimsOf(exchange: StripeExchange): readonly Claim[] {
  const operation = operationOf(exchange);
  if (operation === undefined) return [];
  const { method, path, rawQuery, rawBody, status, body } = exchange;
  const value = decodeParams([rawQuery, rawBody].filter((part) => part !== '').join('&'));
  const name = `${method} ${path}`;
  const request = { what: `parameters of ${name}`, type: operation.params, value, isForm: true };
  const answer = { what: `answer to ${name}`, type: operation.answer, value: body, isForm: false };
  return status < 400 ? [request, answer] : [request];
}

function faultsOf(claims: readonly Claim[]): readonly string[] {
  if (claims.length === 0) return [];
  const types = [...new Set(claims.map(({ type }) => type))];
  const reader = readerOf(types);
  const wordFaults: string[] = [];
  const texts = new Map<string, string>();
  for (const { what, type, value, isForm } of claims) {
    const typeOf = reader.types[types.indexOf(type)];
    if (typeOf === undefined) throw new Error(`The library has no type ${type}.`);
    const complain = (fault: string): number => wordFaults.push(`${what}: ${fault}`);
    const text = literalOf(reader, { types: [typeOf], value, path: '', isForm }, complain);
    const claim = `: ${type} = ${text};`;
    if (!texts.has(claim)) texts.set(claim, what);
  }
  return [...new Set([...wordFaults, ...compile(texts)])];
}

/** The types by their position, as the compiler sees them. */
function readerOf(types: readonly string[]): Reader & { readonly types: readonly ts.Type[] } {
  const lines = types.map((type, position) => `export type Known${position} = ${type};`);
  const program = programOf(`${HEAD}${lines.join('\n')}\n`);
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(VIRTUAL);
  const aliases = file?.statements.filter(ts.isTypeAliasDeclaration) ?? [];
  refuseWrongNames(program, file);
  return { checker, types: aliases.map((alias) => checker.getTypeAtLocation(alias.name)) };
}

function refuseWrongNames(program: ts.Program, file: ts.SourceFile | undefined): void {
  const [first] = program.getSemanticDiagnostics(file);
  if (first !== undefined) throw new Error(ts.flattenDiagnosticMessageText(first.messageText, '\n'));
}

function compile(texts: ReadonlyMap<string, string>): readonly string[] {
  const entries = [...texts];
  const lines = entries.map(([text], position) => `export const value${position}${text}`);
  const program = programOf(`${HEAD}${lines.join('\n')}\n`);
  const file = program.getSourceFile(VIRTUAL);
  const headLines = HEAD.split('\n').length - 1;
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((diagnostic) => {
    const { line } = file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0) ?? { line: 0 };
    const what = entries[line - headLines]?.[1] ?? '?';
    return `${what}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`;
  });
}

function programOf(text: string): ts.Program {
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => name === VIRTUAL || fileExists.call(host, name);
  host.readFile = (name) => (name === VIRTUAL ? text : readFile.call(host, name));
  host.getCurrentDirectory = () => ROOT;
  host.getSourceFile = (name, ...rest) => {
    if (name === VIRTUAL) return ts.createSourceFile(name, text, ...([rest[0]] as const));
    if (!sources.has(name)) sources.set(name, getSourceFile.call(host, name, ...rest));
    return sources.get(name);
  };
  return ts.createProgram([VIRTUAL], OPTIONS, host);
}
